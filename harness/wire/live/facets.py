"""What of a turn log an event belongs to: errors, tools, mail. Pure.

The daemon stores it with each event, so that a filter is answered by an index; pages ask it of each block.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

HIVE_TOOLS = "mcp__hive__"
"""Before the names of the hive's own tools, as Claude Code calls them."""
MAIL_TOOLS = frozenset({"send", "recv", "recent", "ask", "answer"})
"""The hive's tools that carry mail and questions."""


class Facet(StrEnum):
    """A filter of the turn log."""

    ERRORS = "errors"
    """A failed turn, a tool that failed, standard error, a shape that this version does not know."""
    TOOLS = "tools"
    """A call of a tool, and what it answered."""
    MAIL = "mail"
    """What woke a turn, and the calls that send and read mail and questions."""


NONE: frozenset[Facet] = frozenset()


def of_event(event: Mapping[str, Any], *, known: bool) -> frozenset[Facet]:
    """The facets of a live event. What Claude says is the model's: a shape that is none of ours is an error."""
    kind = event.get("kind")
    if not known:
        return frozenset({Facet.ERRORS})
    match kind:
        case "turn_start":
            return frozenset({Facet.MAIL})
        case "turn_end":
            return NONE if event.get("ok") else frozenset({Facet.ERRORS})
        case "note":
            return frozenset({Facet.ERRORS}) if event.get("class") == "stderr" else NONE
        case "checked":
            return frozenset({Facet.ERRORS}) if event.get("reason") else NONE
        case "mcp_servers":
            servers = event.get("servers")
            failed = any(_failed(one) for one in servers) if isinstance(servers, list) else False
            return frozenset({Facet.ERRORS}) if failed else NONE
        case "stream":
            return _of_message(event.get("message"))
        case _:
            return NONE


def of_block(block: Any) -> frozenset[Facet]:
    """The facets of one block of a message."""
    if not isinstance(block, Mapping):
        return frozenset({Facet.ERRORS})
    match block.get("type"):
        case "tool_use" | "server_tool_use":
            name = str(block.get("name", ""))
            mail = name.startswith(HIVE_TOOLS) and name.removeprefix(HIVE_TOOLS) in MAIL_TOOLS
            return frozenset({Facet.TOOLS, Facet.MAIL} if mail else {Facet.TOOLS})
        case "tool_result":
            return frozenset({Facet.TOOLS, Facet.ERRORS} if block.get("is_error") else {Facet.TOOLS})
        case _:
            return NONE


def _of_message(message: Any) -> frozenset[Facet]:
    if not isinstance(message, Mapping):
        return frozenset({Facet.ERRORS})
    if message.get("type") == "result":
        return frozenset({Facet.ERRORS}) if message.get("is_error") else NONE
    inner = message.get("message")
    content = inner.get("content") if isinstance(inner, Mapping) else message.get("content")
    found = NONE
    for block in content if isinstance(content, list) else []:
        found |= of_block(block)
    return found


def _failed(server: Any) -> bool:
    return isinstance(server, Mapping) and bool(server.get("error"))
