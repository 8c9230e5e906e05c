"""What a tool call means in one line, and what it looks like unfolded. Pure.

Known tools get their own line; an unknown one shows its name and arguments, so that nothing is hidden.
"""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from web.text import first_line

HIVE_PREFIX = "mcp__hive__"
DIFF_LINES = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body; `mark` is '+', '-', '@' or '' and becomes a class."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A tool call as it is shown: `tool` and `summary` folded, `body` unfolded, `open` when it should start so."""

    tool: str
    summary: str
    body: list[Line] = field(default_factory=list)
    open: bool = False


def meaning(name: str, arguments: Mapping[str, Any]) -> Meaning:
    """The meaning of a call of tool `name`."""
    if name.startswith(HIVE_PREFIX):
        return _hive(name.removeprefix(HIVE_PREFIX), arguments)
    path = str(arguments.get("file_path") or arguments.get("path") or arguments.get("notebook_path") or "")
    match name:
        case "Bash":
            command = str(arguments.get("command", ""))
            about = [Line(str(arguments["description"]), "@")] if arguments.get("description") else []
            return Meaning("Bash", f"$ {first_line(command)}", [*about, *_lines(command)])
        case "Read":
            return Meaning("Read", _span(path, arguments), _arguments(arguments))
        case "Edit":
            body = diff(str(arguments.get("old_string", "")), str(arguments.get("new_string", "")))
            return Meaning("Edit", f"{path}  {_balance(body)}", body, open=len(body) <= 12)
        case "MultiEdit":
            edits = [one for one in arguments.get("edits", []) if isinstance(one, Mapping)]
            body = [
                line for one in edits for line in diff(str(one.get("old_string", "")), str(one.get("new_string", "")))
            ]
            return Meaning("MultiEdit", f"{path}  {_balance(body)}", body)
        case "Write":
            content = str(arguments.get("content", ""))
            return Meaning("Write", f"{path}  {_plural(len(content.splitlines()), 'line')}", _lines(content, "+"))
        case "Grep" | "Glob":
            where = f" in {path}" if path else ""
            return Meaning(name, f"{arguments.get('pattern', '')}{where}", _arguments(arguments))
        case "WebFetch" | "WebSearch":
            return Meaning(
                name, first_line(str(arguments.get("url") or arguments.get("query") or "")), _arguments(arguments)
            )
        case "TodoWrite":
            return _todos(arguments)
        case "Task":
            return Meaning(
                "Task", first_line(str(arguments.get("description", ""))), _lines(str(arguments.get("prompt", "")))
            )
        case _:
            return Meaning(name.removeprefix("mcp__").replace("__", " "), _inline(arguments), _arguments(arguments))


def diff(old: str, new: str) -> list[Line]:
    """The changed lines between two texts with two lines around them, at most DIFF_LINES."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=2)
    body = [Line(line[1:], line[0].strip()) if line[0] in "+- " else Line(line, "@") for line in list(lines)[2:]]
    if len(body) <= DIFF_LINES:
        return body
    return [*body[:DIFF_LINES], Line(f"… {len(body) - DIFF_LINES} more lines", "@")]


def _hive(tool: str, arguments: Mapping[str, Any]) -> Meaning:
    match tool:
        case "send":
            body = str(arguments.get("body", ""))
            return Meaning("send", f"→ {arguments.get('to', '?')}: {first_line(body)}", _lines(body), open="\n" in body)
        case "ask" | "answer":
            said = str(arguments.get("question") or arguments.get("answer") or "")
            return Meaning(tool, first_line(said), _arguments(arguments))
        case "remind":
            when = arguments.get("at") or f"in {arguments.get('delay_seconds', '?')} s"
            return Meaning("remind", f"{when}: {first_line(str(arguments.get('message', '')))}", _arguments(arguments))
        case "set_status":
            return Meaning("set_status", f"“{first_line(str(arguments.get('text', '')))}”")
        case _:
            return Meaning(tool, _inline(arguments), _arguments(arguments))


def _todos(arguments: Mapping[str, Any]) -> Meaning:
    marks = {"completed": "✓", "in_progress": "▸"}
    todos = [one for one in arguments.get("todos", []) if isinstance(one, Mapping)]
    done = sum(one.get("status") == "completed" for one in todos)
    body = [Line(f"{marks.get(str(one.get('status')), '·')} {one.get('content', '')}") for one in todos]
    return Meaning("TodoWrite", f"{done} of {len(todos)} done", body)


def _span(path: str, arguments: Mapping[str, Any]) -> str:
    if arguments.get("offset") is None:
        return path
    end = f"-{int(arguments['offset']) + int(arguments['limit'])}" if arguments.get("limit") else "…"
    return f"{path}:{arguments['offset']}{end}"


def _balance(body: list[Line]) -> str:
    added, removed = (sum(line.mark == mark for line in body) for mark in "+-")
    return f"+{added} −{removed}"  # noqa: RUF001 — the minus sign, as wide as the plus


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _lines(text: str, mark: str = "") -> list[Line]:
    lines = text.splitlines()
    body = [Line(line, mark) for line in lines[:DIFF_LINES]]
    return body if len(lines) <= DIFF_LINES else [*body, Line(f"… {len(lines) - DIFF_LINES} more lines", "@")]


def _inline(arguments: Mapping[str, Any]) -> str:
    return first_line("  ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items()))


def _arguments(arguments: Mapping[str, Any]) -> list[Line]:
    return _lines(json.dumps(arguments, ensure_ascii=False, indent=2)) if arguments else []
