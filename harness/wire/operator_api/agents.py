"""Agents: which there are, and what the operator does with them."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.agent_api.lifecycle import LinesReply
from harness.wire.boundary.listing import ListReply
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES, MAX_ROWS
from harness.wire.model import Done, Part, Reply, Request
from harness.wire.names import AgentName, NewName
from harness.wire.operator_rows import AgentRow, Tombstone
from harness.wire.proxy import HostReport
from harness.wire.verb import OPERATOR_ONLY, OPERATORS, Rows, StreamVerb, Verb

from .requests import ByName, Plain

MAX_SKIPPED = 1_000_000
"""Rows before the first one of a reply."""

# ---- reading ---------------------------------------------------------------------------------------


class NamesReply(ListReply):
    agents: list[str]


LIST = Verb("list", Plain, NamesReply, OPERATORS)


class AgentStatus(Request):
    """Without `agents` every row from the row `skip` on; otherwise those of them that exist."""

    cmd: Literal["agent_status"] = "agent_status"
    agents: Annotated[list[AgentName], Field(min_length=1, max_length=MAX_ROWS)] | None = None
    skip: Annotated[int, Field(ge=0, le=MAX_SKIPPED)] = 0


class AgentStatusReply(ListReply):
    agent_statuses: list[AgentRow]


AGENT_STATUS = Verb("agent_status", AgentStatus, AgentStatusReply, OPERATORS)
SUBSCRIBE_AGENT_STATUS = StreamVerb("subscribe_agent_status", Plain, AgentStatusReply, OPERATORS)


class UrlsReply(Reply):
    urls: dict[str, str | None]


URLS = Verb("urls", Plain, UrlsReply, OPERATORS)


class Journal(Request):
    cmd: Literal["journal"] = "journal"
    name: AgentName
    lines: Annotated[int, Field(ge=1, le=MAX_LOG_LINES)] = DEFAULT_LOG_LINES
    follow: bool = False


JOURNAL = StreamVerb("journal", Journal, LinesReply, OPERATORS)
"""A stream only with `follow`."""


class HostsReply(ListReply):
    hosts: list[HostReport]


HOSTS = Verb("hosts", ByName, HostsReply, OPERATORS)
"""The hosts that an agent tried to reach since the daemon started, the latest first."""


class TombstonesReply(ListReply):
    tombstones: list[Tombstone]


TOMBSTONES = Verb("tombstones", Plain, TombstonesReply, OPERATORS)

# ---- starting and stopping -------------------------------------------------------------------------


class Scope(Part):
    """Which agents; never empty, because an empty scope must not mean everything."""

    agent_names: Annotated[list[AgentName], Field(min_length=1)]


Now = Annotated[bool, Field(description="Cut a running turn, whose messages are offered again.")]
Wait = Annotated[bool, Field(description="Reply when it is done, not when it is ordered.")]


class Start(Request):
    cmd: Literal["start"] = "start"
    scope: Scope


class Stop(Request):
    cmd: Literal["stop"] = "stop"
    scope: Scope
    graceful: bool = True
    now: Now = False
    wait: Wait = True


class Restart(Request):
    cmd: Literal["restart"] = "restart"
    name: AgentName
    now: Now = False
    wait: Wait = True


class Rebuild(Request):
    cmd: Literal["rebuild"] = "rebuild"
    name: AgentName
    now: Now = False
    wait: Wait = True


class RebuildAll(Request):
    cmd: Literal["rebuild_all"] = "rebuild_all"
    now: Now = False


class SetPaused(Request):
    cmd: Literal["set_paused"] = "set_paused"
    name: AgentName
    paused: bool


class AgentControl(Request):
    cmd: Literal["agent_control"] = "agent_control"
    name: AgentName
    action: Literal["cancel", "compact", "new_session", "model", "login_start", "login_code", "login_cancel"]
    value: str | None = None


class PlannedReply(Reply):
    planned: list[str]


START = Verb("start", Start, Done, OPERATORS)
STOP = Verb("stop", Stop, Done, OPERATORS)
RESTART = Verb("restart", Restart, Done, OPERATORS)
KILL = Verb("kill", ByName, Done, OPERATORS)
KICK = Verb("kick", ByName, Done, OPERATORS)
REBUILD = Verb("rebuild", Rebuild, Done, OPERATORS)
REBUILD_ALL = Verb("rebuild_all", RebuildAll, PlannedReply, OPERATORS)
SET_PAUSED = Verb("set_paused", SetPaused, Done, OPERATORS)
AGENT_CONTROL = Verb("agent_control", AgentControl, Done, OPERATORS)

# ---- existence -------------------------------------------------------------------------------------


class Spawn(Request):
    cmd: Literal["spawn"] = "spawn"
    name: NewName


class Destroy(Request):
    cmd: Literal["destroy"] = "destroy"
    name: AgentName
    purge: bool = False
    now: Now = False


SPAWN = Verb("spawn", Spawn, Done, OPERATOR_ONLY)
"""It goes round the approval queue: the web process does not have it."""

DESTROY = Verb("destroy", Destroy, Done, OPERATORS)
PURGE_TOMBSTONE = Verb("purge_tombstone", ByName, Done, OPERATORS)

VERBS: Rows = (
    LIST,
    AGENT_STATUS,
    SUBSCRIBE_AGENT_STATUS,
    URLS,
    JOURNAL,
    HOSTS,
    START,
    STOP,
    RESTART,
    KILL,
    KICK,
    REBUILD,
    REBUILD_ALL,
    SET_PAUSED,
    AGENT_CONTROL,
    SPAWN,
    DESTROY,
    TOMBSTONES,
    PURGE_TOMBSTONE,
)
