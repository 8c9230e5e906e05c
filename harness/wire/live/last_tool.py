"""The last tool call of an agent's turn, from what the CLI printed. Pure."""

from collections.abc import Mapping
from typing import Any

from harness.wire.model import Record
from harness.wire.times import Timestamp

MAX_CALL_CHARACTERS = 160
MAX_NAME_CHARACTERS = 80
_SAYING = ("command", "file_path", "path", "pattern", "url", "query", "description", "to", "question")
"""The arguments that say best what a call is about, the best first."""


class LastTool(Record):
    """`call` is what the call is about, in one line, cut. `running`: no result of it has come.

    Both are the agent's own words.
    """

    name: str
    call: str
    at: Timestamp
    running: bool = True


def last_tool(before: LastTool | None, message: object, *, at: Timestamp) -> LastTool | None:
    """The last call after one more message of the stream; `at` is when it was reported."""
    if not isinstance(message, Mapping) or message.get("type") not in ("assistant", "user"):
        return before
    inner = message.get("message")
    content = inner.get("content") if isinstance(inner, Mapping) else None
    for block in content if isinstance(content, list) else []:
        match block:
            case {"type": "tool_use", "name": str(name)}:
                arguments = block.get("input")
                call = _about(arguments) if isinstance(arguments, Mapping) else ""
                before = LastTool(name=_line(name, MAX_NAME_CHARACTERS), call=call, at=at)
            case {"type": "tool_result"} if before is not None:
                before = before.model_copy(update={"running": False})
    return before


def _about(arguments: Mapping[Any, Any]) -> str:
    found = [value for key in _SAYING if isinstance(value := arguments.get(key), str) and value.strip()]
    others = [value for value in arguments.values() if isinstance(value, str) and value.strip()]
    return _line((found or others or [""])[0], MAX_CALL_CHARACTERS)


def _line(text: str, limit: int) -> str:
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    return line if len(line) <= limit else line[: limit - 1] + "…"
