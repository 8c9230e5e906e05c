"""What a verb is: one row of a surface's table, from which sockets, MCP tools, clients and documentation are made.

A row is declared beside its request and reply. The daemon routes it to a function whose type must fit the row.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from .model import Reply, Request

Q = TypeVar("Q", bound=Request)
A = TypeVar("A", bound=Reply)


class Caller(StrEnum):
    """Who asks, as the socket proves it."""

    AGENT = "agent"
    MANAGER = "manager"
    PEER = "peer"
    HARNESS = "harness"
    """The program that drives an agent's Claude, over a connection that no process of Claude can reach."""
    OPERATOR = "operator"
    """Over `host.sock`."""
    WEB = "web"
    """The web process, over `web.sock`."""


EVERYONE = frozenset({Caller.AGENT, Caller.MANAGER, Caller.PEER})
"""Everyone with an inbox in the hive but the operator."""

HARNESS_ONLY = frozenset({Caller.HARNESS})
MAIL = EVERYONE | HARNESS_ONLY
"""Everyone who handles an inbox: an agent's is in the hands of two, the agent and its harness."""

LEASE_OWNERS = frozenset({Caller.HARNESS, Caller.PEER})
"""Those who say what becomes of leased mail. That of an agent is its harness's to settle, at the end of a turn."""

MANAGER_ONLY = frozenset({Caller.MANAGER})
OPERATORS = frozenset({Caller.OPERATOR, Caller.WEB})
OPERATOR_ONLY = frozenset({Caller.OPERATOR})


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolText(Generic[A]):
    """How Claude is offered a verb. The arguments are described by the fields of the request."""

    text: str
    name: str | None = None
    """The name of the tool where it is not the verb's."""
    callers: frozenset[Caller] = EVERYONE
    """Who is offered the tool, among those who may ask the verb."""
    tell: Callable[[A], str] | None = None
    """A good reply as Claude reads it; None shows the fields of the reply as JSON."""


@dataclass(frozen=True, slots=True)
class Verb(Generic[Q, A]):
    """One row: `callers` may ask `cmd` with a `request` and get a `reply` or a refusal."""

    cmd: str
    request: type[Q]
    reply: type[A]
    callers: frozenset[Caller]
    tool: ToolText[A] | None = None
    """None: Claude is not offered the verb; it belongs to the harness, to programs or to the operator."""


@dataclass(frozen=True, slots=True)
class StreamVerb(Verb[Q, A]):
    """A verb whose connection may stay open: after the reply the daemon writes a line per change."""


Rows = tuple[Verb[Any, Any], ...]
"""A surface, or a topic of one."""

Verbs = Mapping[str, Verb[Any, Any]]
"""What one socket serves: cmd → row."""


def verbs_for(caller: Caller, rows: Iterable[Verb[Any, Any]]) -> dict[str, Verb[Any, Any]]:
    """The rows that `caller` may ask, by cmd."""
    return {row.cmd: row for row in rows if caller in row.callers}
