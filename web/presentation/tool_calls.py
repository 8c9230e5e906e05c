"""A tool call as a page shows it: one line folded, a body unfolded. Pure.

A known tool has a line of its own; an unknown one shows its name and its arguments, so that nothing is hidden.
"""

import difflib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from web.presentation.formats import first_line

HIVE_PREFIX = "mcp__hive__"
COMPARED_LINES = 400
"""Of both texts of an edit together."""
OPEN_LINES = 12
"""An edit of at most so many lines is shown unfolded."""

Arguments = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BodyLine:
    """One line of a body; `mark` is '+', '-', '@' or '' and becomes a class."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call: `tool` and `summary` are shown folded, `body` unfolded; `open` says that it starts unfolded."""

    tool: str
    summary: str
    body: list[BodyLine] = field(default_factory=list)
    open: bool = False


def describe(name: str, arguments: Arguments) -> ToolCall:
    """The call of tool `name`."""
    if name.startswith(HIVE_PREFIX):
        return _hive(name.removeprefix(HIVE_PREFIX), arguments)
    if name in _DESCRIBED:
        return _DESCRIBED[name](name, arguments)
    return ToolCall(name.removeprefix("mcp__").replace("__", " "), _inline(arguments), _arguments(arguments))


def _bash(name: str, arguments: Arguments) -> ToolCall:
    command = _text(arguments, "command")
    about = [BodyLine(str(arguments["description"]), "@")] if arguments.get("description") else []
    return ToolCall(name, f"$ {first_line(command)}", [*about, *_lines(command)])


def _read(name: str, arguments: Arguments) -> ToolCall:
    return ToolCall(name, _span(_path(arguments), arguments), _arguments(arguments))


def _edit(name: str, arguments: Arguments) -> ToolCall:
    body = diff(_text(arguments, "old_string"), _text(arguments, "new_string"))
    return ToolCall(name, f"{_path(arguments)}  {_balance(body)}", body, open=len(body) <= OPEN_LINES)


def _multi_edit(name: str, arguments: Arguments) -> ToolCall:
    edits = [edit for edit in arguments.get("edits", []) if isinstance(edit, Mapping)]
    body: list[BodyLine] = []
    for edit in edits:
        body += diff(_text(edit, "old_string"), _text(edit, "new_string"))
    return ToolCall(name, f"{_path(arguments)}  {_balance(body)}", body)


def _write(name: str, arguments: Arguments) -> ToolCall:
    content = _text(arguments, "content")
    summary = f"{_path(arguments)}  {_plural(len(content.splitlines()), 'line')}"
    return ToolCall(name, summary, _lines(content, "+"))


def _search(name: str, arguments: Arguments) -> ToolCall:
    path = _path(arguments)
    return ToolCall(name, _text(arguments, "pattern") + (f" in {path}" if path else ""), _arguments(arguments))


def _web(name: str, arguments: Arguments) -> ToolCall:
    return ToolCall(name, first_line(str(arguments.get("url") or arguments.get("query") or "")), _arguments(arguments))


def _task(name: str, arguments: Arguments) -> ToolCall:
    return ToolCall(name, first_line(_text(arguments, "description")), _lines(_text(arguments, "prompt")))


def _todos(name: str, arguments: Arguments) -> ToolCall:
    marks = {"completed": "✓", "in_progress": "▸"}
    todos = [todo for todo in arguments.get("todos", []) if isinstance(todo, Mapping)]
    done = sum(todo.get("status") == "completed" for todo in todos)
    body = [BodyLine(f"{marks.get(str(todo.get('status')), '·')} {todo.get('content', '')}") for todo in todos]
    return ToolCall(name, f"{done} of {len(todos)} done", body)


_DESCRIBED: dict[str, Callable[[str, Arguments], ToolCall]] = {
    "Bash": _bash,
    "Read": _read,
    "Edit": _edit,
    "MultiEdit": _multi_edit,
    "Write": _write,
    "Grep": _search,
    "Glob": _search,
    "WebFetch": _web,
    "WebSearch": _web,
    "TodoWrite": _todos,
    "Task": _task,
}
"""Tool of Claude Code → its description. A further tool is one line here."""


def diff(old: str, new: str) -> list[BodyLine]:
    """The lines that differ between two texts, with two lines of context.

    Comparing takes a time that grows faster than the texts; long ones are shown whole, the old one first.
    """
    before, after = old.splitlines(), new.splitlines()
    if len(before) + len(after) > COMPARED_LINES:
        return [*_lines(old, "-"), *_lines(new, "+")]
    lines = difflib.unified_diff(before, after, lineterm="", n=2)
    return [
        BodyLine(line[1:], line[0].strip()) if line[0] in "+- " else BodyLine(line, "@") for line in list(lines)[2:]
    ]


def _hive(tool: str, arguments: Arguments) -> ToolCall:
    match tool:
        case "send":
            body = str(arguments.get("body", ""))
            return ToolCall(
                "send", f"→ {arguments.get('to', '?')}: {first_line(body)}", _lines(body), open="\n" in body
            )
        case "ask" | "answer":
            text = str(arguments.get("question") or arguments.get("answer") or "")
            return ToolCall(tool, first_line(text), _arguments(arguments))
        case "remind":
            when = arguments.get("at") or f"in {arguments.get('delay_seconds', '?')} s"
            return ToolCall("remind", f"{when}: {first_line(str(arguments.get('message', '')))}", _arguments(arguments))
        case "set_status":
            return ToolCall("set_status", f"“{first_line(str(arguments.get('text', '')))}”")
        case _:
            return ToolCall(tool, _inline(arguments), _arguments(arguments))


def _path(arguments: Arguments) -> str:
    return str(arguments.get("file_path") or arguments.get("path") or arguments.get("notebook_path") or "")


def _text(arguments: Arguments, key: str) -> str:
    return str(arguments.get(key, ""))


def _span(path: str, arguments: Arguments) -> str:
    if arguments.get("offset") is None:
        return path
    end = f"-{int(arguments['offset']) + int(arguments['limit'])}" if arguments.get("limit") else "…"
    return f"{path}:{arguments['offset']}{end}"


def _balance(body: list[BodyLine]) -> str:
    added, removed = (sum(line.mark == mark for line in body) for mark in "+-")
    return f"+{added} −{removed}"  # noqa: RUF001 — the minus sign, as wide as the plus


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _lines(text: str, mark: str = "") -> list[BodyLine]:
    return [BodyLine(line, mark) for line in text.splitlines()]


def _inline(arguments: Arguments) -> str:
    return first_line("  ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items()))


def _arguments(arguments: Arguments) -> list[BodyLine]:
    return _lines(json.dumps(arguments, ensure_ascii=False, indent=2)) if arguments else []
