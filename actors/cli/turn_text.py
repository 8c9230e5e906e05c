"""The live events of an agent as lines of a terminal: what woke it, what it says and calls, how each turn ends. Pure.

The signs are those of the turn log on the agent's page: `→` input, `·` the agent's text, `◆` a call of a tool,
`←` its result, `✓` `✗` the end of a turn, `⌁` the harness, `!` standard error and what this version does not know.
`═` stands before the events of a turn that has ended: who woke it, what it took, what it cost.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import click

from actors.cli.output import clock, one_line, plain

RESULT_LINES = 12
"""Of the result of a tool; the page has all of it."""
CALL_CHARACTERS = 300
_QUIET = frozenset({"stream_event", "keep_alive", "rate_limit_event", "tool_progress"})
_COLOURS = {"◆": "cyan", "═": "blue", "✓": "green", "✗": "red", "!": "yellow", "⌁": "bright_black"}


def as_text(record: Mapping[str, Any]) -> str:
    """The lines of one record `{id, at, event}`, each with a line feed; empty for an event without content.

    What Claude says and calls is the model's: any figure can be a text, any list an object. An event that cannot be
    read that way is shown as it came.
    """
    moment, event = clock(str(record["at"])), record.get("event")
    try:
        return "".join(_entry(moment, *entry) for entry in _entries(event))
    except (TypeError, ValueError, AttributeError, LookupError):
        return _entry(moment, "!", one_line(_json(event), CALL_CHARACTERS), "")


def _entry(moment: str, sign: str, head: str, body: str) -> str:
    first = f"{moment} {click.style(sign, fg=_COLOURS.get(sign))} {plain(head)}".rstrip()
    indent = " " * (len(moment) + 3)
    return "".join(f"{line}\n" for line in [first, *(f"{indent}{line}" for line in plain(body).splitlines())])


def _entries(event: Any) -> Iterator[tuple[str, str, str]]:
    """Each entry of an event: its sign, its first line, the lines below."""
    if not isinstance(event, Mapping):
        yield "!", _json(event), ""
        return
    match event.get("kind"):
        case "turn":
            yield "═", _turn(event), str(event.get("error") or "")
        case "turn_start":
            unread = int(event.get("unread") or 0)
            more = f" (+{unread} queued)" if unread else ""
            yield "→", f"woken by {event.get('from', '?')}{more}", str(event.get("body", ""))
        case "turn_end":
            outcome = str(event.get("outcome", "")).replace("_", " ")
            yield "✓" if event.get("ok") else "✗", f"turn {outcome}", str(event.get("note") or "")
        case "note":
            yield from _long("!" if event.get("class") == "stderr" else "⌁", str(event.get("text", "")))
        case "stream":
            yield from _stream(event.get("message"))
        case "state" if event.get("state") not in ("thinking", "idle"):
            until = f" until {clock(str(event['until']))}" if event.get("until") else ""
            yield "⌁", f"{str(event.get('state', '')).replace('_', ' ')}{until}", ""
        case "model":
            yield "⌁", f"model is now {event.get('model', '')}", ""
        case "mcp_servers":
            for server in event.get("servers") or ():
                tools = "" if server.get("tools") is None else f", {server['tools']} tools"
                error = f": {server['error']}" if server.get("error") else ""
                yield "⌁", f"MCP server {server.get('name')} is {server.get('status')}{tools}{error}", ""
        case "left_running":
            if event.get("count"):
                commands = [one_line(one["command"], CALL_CHARACTERS) for one in event.get("processes") or ()]
                yield "⌁", f"left running: {event['count']} processes", "\n".join(commands)
        case "checked":
            works = "works" if event.get("reason") is None else "does not work"
            yield "⌁", f"configuration {str(event.get('sha'))[:12]} {works}", str(event.get("reason") or "")
        case "login":
            reason = f": {event['reason']}" if event.get("reason") else ""
            yield "⌁", f"login {str(event.get('state', '')).replace('_', ' ')}{reason}", str(event.get("url") or "")
        case "credentials":
            until = f", until {clock(str(event['expires_at']))}" if event.get("expires_at") else ""
            yield "⌁", f"credentials: {event.get('source')}{until}", ""
        case "state" | "usage" | "terminal":
            return
        case _:
            yield "!", _json(event), ""


def _turn(stats: Mapping[str, Any]) -> str:
    """What is known of a turn that has ended, from its TurnStats."""
    milliseconds, cost, spent = stats.get("duration_ms"), stats.get("cost_usd"), stats.get("tokens")
    figures = [
        f"turn woken by {stats.get('wake_from') or '?'}",
        "" if milliseconds is None else f"{milliseconds / 1000:.1f} s",
        f"{sum(spent.values()):,} tokens" if isinstance(spent, Mapping) and spent else "",
        "" if cost is None else f"${cost:.4f}",
        str(stats.get("outcome", "")).replace("_", " "),
    ]
    return "  ".join(figure for figure in figures if figure)


def _stream(message: Any) -> Iterator[tuple[str, str, str]]:
    if not isinstance(message, Mapping):
        yield "!", _json(message), ""
        return
    kind = message.get("type")
    if kind in _QUIET:
        return
    if kind == "system":
        if message.get("subtype") == "compact_boundary":
            yield "⌁", "the context was compacted here", ""
        return
    if kind == "result":
        if message.get("is_error"):
            yield from _long("✗", str(message.get("result") or message.get("subtype") or "error"))
            return
        seconds, cost = message.get("duration_ms"), message.get("total_cost_usd")
        figures = [
            "" if seconds is None else f"{seconds / 1000:.1f} s",
            "" if cost is None else f"${cost:.4f} in this session",
        ]
        yield "⌁", "  ".join(figure for figure in figures if figure), ""
        return
    inner = message.get("message")
    content = inner.get("content") if isinstance(inner, Mapping) else message.get("content")
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    for block in blocks if isinstance(blocks, list) else [message]:
        yield from _block(block, str(kind))


def _block(block: Any, speaker: str) -> Iterator[tuple[str, str, str]]:
    kind = block.get("type") if isinstance(block, Mapping) else None
    match kind:
        case "text":
            yield from _long("→" if speaker == "user" else "·", str(block.get("text", "")))
        case "thinking" | "redacted_thinking":
            yield "·", one_line(block.get("thinking", "(redacted)"), CALL_CHARACTERS), ""
        case "tool_use" | "server_tool_use":
            arguments = one_line(_json(block.get("input") or {}), CALL_CHARACTERS)
            yield "◆", f"{block.get('name', '?')} {arguments}", ""
        case "tool_result":
            yield from _long("✗" if block.get("is_error") else "←", _result(block.get("content")), RESULT_LINES)
        case _:
            yield "!", one_line(_json(block), CALL_CHARACTERS), ""


def _result(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(
            str(part.get("text", "")) if isinstance(part, Mapping) and part.get("type") == "text" else _json(part)
            for part in content
        )
    return content if isinstance(content, str) else "" if content is None else _json(content)


def _long(sign: str, text: str, most: int | None = None) -> Iterator[tuple[str, str, str]]:
    """A text of any length: its first line, the others below; of more than `most` the number of those left out."""
    first, *others = text.strip().splitlines() or ["(nothing)"]
    if most is not None and len(others) > most:
        others = [*others[:most], f"… {len(others) - most} more lines"]
    yield sign, first, "\n".join(others)


def _json(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, default=str)
