"""The rows of an agent's turn log, from its live events. Pure.

The glyph column: `→` input, `←` the result of a tool, `·` the agent's text, `◆` a tool call, `✓` `✗` the end of a
turn, `⌁` the harness, `!` stderr and every event that this version does not know. Only events without content have
no row: the start of a session, the echo of a result, a partial delta.
"""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from harness.wire.live import facets
from harness.wire.live.facets import Facet
from web.presentation import formats, images
from web.presentation.formats import duration_ms, first_line, money, tokens
from web.presentation.images import Image
from web.presentation.tool_calls import BodyLine, describe

log = logging.getLogger(__name__)

FOLD_CHARACTERS = 120
MAX_BLOCKS = 200
"""Of one message; the rest is counted in a row of its own."""
BODY_LINES, CALL_LINES = 200, 60
"""Lines of a body, and of that of a call, that the log shows; its event alone shows all."""
MANY_CHARACTERS = 2_000
"""From here on the row of a text says how long it is."""
QUIET_SYSTEM = frozenset({"init", "status", "hook_started", "hook_response"})


@dataclass(frozen=True, slots=True)
class LogRow:
    """One row; `kind` becomes its class, `label` is the word that a screen reader reads for the glyph."""

    id: str
    at: str
    glyph: str
    kind: str
    label: str
    summary: str
    tool: str = ""
    body: list[BodyLine] = field(default_factory=list)
    open: bool = False
    whole: str = ""
    """The unabridged text, with links, which is shown instead of a summary."""
    call: str = ""
    """Of a call of a tool, and of what it answered: the id of the call."""
    took_ms: float | None = None
    """How long the tool took."""
    facets: frozenset[Facet] = facets.NONE
    images: tuple[Image, ...] = ()
    more: int = 0
    """How many lines of the body are left out."""

    @property
    def event(self) -> int:
        """The id of the event."""
        return int(self.id.partition("-")[0] or 0)

    @property
    def block(self) -> int:
        """The place of the block in the message of the event."""
        return int(self.id.partition("-")[2] or 0)


def rows(events: Iterable[Mapping[str, Any]], only: Facet | None = None, *, whole: bool = False) -> list[LogRow]:
    """The rows of {id, at, event} records, in the order of the records; `only` those with that facet.

    Long bodies are shortened unless the `whole` is wanted.

    What Claude says and calls is the model's: any figure can be a text, any list an object. An event that cannot be
    read that way is shown as it came, and takes no other event with it.
    """
    found = [row for record in events for row in _safely(record)]
    wanted = found if only is None else [row for row in found if only in row.facets]
    return wanted if whole else [_shortened(row) for row in wanted]


def _shortened(row: LogRow) -> LogRow:
    most = CALL_LINES if row.kind == "call" else BODY_LINES
    return replace(row, body=row.body[:most], more=len(row.body) - most) if len(row.body) > most else row


def calls(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The calls and answers of tools in an event: `tool_use` or `tool_result`, and the id of the call."""
    match record.get("event"):
        case {"kind": "stream", "message": {"message": {"content": list(content)}}}:
            for block in content[:MAX_BLOCKS]:
                match block:
                    case {"type": "tool_use" | "tool_result" as kind}:
                        yield kind, _call(block)


def _call(block: Mapping[str, Any]) -> str:
    return str(block.get("id") or block.get("tool_use_id") or "")


def last_id(events: list[Mapping[str, Any]] | list[dict[str, Any]]) -> int:
    """The id of the last event, whether or not it has a row: the next request goes on from there."""
    return int(events[-1]["id"]) if events else 0


def _safely(record: Mapping[str, Any]) -> list[LogRow]:
    try:
        return [row if row.facets else replace(row, facets=_facets(record)) for row in _rows_of(record)]
    except Exception:
        log.warning("an event cannot be shown id=%s", record.get("id"), exc_info=True)
        return [_unknown(str(record.get("id", "")), str(record.get("at", "")), {"event": record.get("event")})]


def _facets(record: Mapping[str, Any]) -> frozenset[Facet]:
    """The facets of a row that is the only one of its event; a block of a message has its own."""
    event = record.get("event")
    if not isinstance(event, Mapping):
        return frozenset({Facet.ERRORS})
    message = event.get("message")
    if event.get("kind") == "stream" and isinstance(message, Mapping) and message.get("type") in ("assistant", "user"):
        return facets.NONE
    return facets.of_event(event, known=bool(record.get("known", True)))


def _rows_of(record: Mapping[str, Any]) -> list[LogRow]:
    event = record.get("event")
    at, key = str(record.get("at", "")), str(record.get("id", ""))
    if not isinstance(event, Mapping):
        return [_unknown(key, at, record)]
    match event.get("kind"):
        case "turn_start":
            return [_turn_start(key, at, event)]
        case "turn_end":
            return [_turn_end(key, at, event)]
        case "note":
            return [_note(key, at, event)]
        case "stream":
            message = event.get("message")
            return _stream(key, at, message) if isinstance(message, Mapping) else [_unknown(key, at, event)]
        case "state":
            until = f" until {str(event['until'])[11:16]} UTC" if event.get("until") else ""
            state = str(event.get("state", "")).replace("_", " ")
            return [] if state in ("thinking", "idle") else [_harness(key, at, f"{state}{until}")]
        case "model":
            return [_harness(key, at, f"model is now {event.get('model', '')}")]
        case "mcp_servers":
            servers = [one for one in event.get("servers") or [] if isinstance(one, Mapping)]
            said = ", ".join(f"{one.get('name')} {one.get('status')}" for one in servers)
            errors = "\n".join(f"{one.get('name')}: {one['error']}" for one in servers if one.get("error"))
            row = _harness(key, at, f"MCP servers: {said or 'none'}")
            return [_folded(row, errors) if errors else row]
        case "left_running":
            count = int(event.get("count") or 0)
            named = [str(one.get("command", "")) for one in event.get("processes") or [] if isinstance(one, Mapping)]
            row = _harness(key, at, f"{count} left running" if count else "nothing is left running any more")
            return [_folded(row, "\n".join(named)) if named else row]
        case "checked":
            reason = str(event.get("reason") or "")
            works = _harness(key, at, "this configuration works")
            return [_folded(_harness(key, at, "this configuration does not work"), reason) if reason else works]
        case "usage" | "login" | "credentials" | "terminal":
            return []
        case _:
            return [_unknown(key, at, event)]


def _turn_start(key: str, at: str, event: Mapping[str, Any]) -> LogRow:
    unread = int(event.get("unread") or 0)
    more = f"  (+{unread} queued)" if unread else ""
    body = str(event.get("body", ""))
    return LogRow(key, at, "→", "in", "woken by", f"from {event.get('from', '?')}{more}", tool="turn", whole=body)


def _turn_end(key: str, at: str, event: Mapping[str, Any]) -> LogRow:
    ok = bool(event.get("ok"))
    outcome = str(event.get("outcome", "")).replace("_", " ")
    note = str(event.get("note") or "")
    summary = f"turn {outcome or ('ok' if ok else 'failed')}"
    glyph, kind = ("✓", "good") if ok else ("✗", "bad")
    return _folded(LogRow(key, at, glyph, kind, "turn ended", summary), note)


def _note(key: str, at: str, event: Mapping[str, Any]) -> LogRow:
    text, class_ = str(event.get("text", "")), str(event.get("class", "harness"))
    match class_:
        case "stderr":
            return _folded(LogRow(key, at, "!", "stderr", "stderr", ""), text)
        case "operator":
            return _folded(LogRow(key, at, "⌁", "operator", "operator", ""), text)
        case _:
            return _folded(LogRow(key, at, "⌁", "harness", "harness", ""), text)


def _harness(key: str, at: str, text: str) -> LogRow:
    return LogRow(key, at, "⌁", "harness", "harness", text)


def _stream(key: str, at: str, message: Mapping[str, Any]) -> list[LogRow]:
    kind = message.get("type")
    if kind in ("stream_event", "keep_alive", "rate_limit_event", "tool_progress"):
        return []
    if kind == "system":
        return _system(key, at, message)
    if kind == "result":
        return [_result(key, at, message)]
    if kind not in ("assistant", "user"):
        return [_unknown(key, at, message)]
    inner = message.get("message")
    content = inner.get("content") if isinstance(inner, Mapping) else message.get("content")
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    if not isinstance(content, list):
        return [_unknown(key, at, message)]
    found = [
        replace(_block(f"{key}-{index}" if index else key, at, block, str(kind)), facets=facets.of_block(block))
        for index, block in enumerate(content[:MAX_BLOCKS])
    ]
    if len(content) > MAX_BLOCKS:
        found.append(LogRow(f"{key}-more", at, "!", "unknown", "more", f"… {len(content) - MAX_BLOCKS} more blocks"))
    return found


def _system(key: str, at: str, message: Mapping[str, Any]) -> list[LogRow]:
    subtype = str(message.get("subtype", ""))
    if subtype in QUIET_SYSTEM:
        return []
    if subtype == "compact_boundary":
        return [_harness(key, at, "the context was compacted here")]
    return [_unknown(key, at, message)]


def _result(key: str, at: str, message: Mapping[str, Any]) -> LogRow:
    if message.get("is_error"):
        error = str(message.get("result") or message.get("subtype") or "error")
        return _folded(LogRow(key, at, "✗", "bad", "result", ""), error)
    usage = message.get("usage")
    out = usage.get("output_tokens") if isinstance(usage, Mapping) else None
    figures = [
        duration_ms(message.get("duration_ms")),
        money(message.get("total_cost_usd")),
        f"{tokens(out)} tokens out" if out is not None else "",
    ]
    return LogRow(key, at, "⌁", "figures", "figures", "  ".join(part for part in figures if part))


def _block(key: str, at: str, block: Any, speaker: str) -> LogRow:
    if not isinstance(block, Mapping):
        return _unknown(key, at, {"block": block})
    match block.get("type"):
        case "text":
            text = str(block.get("text", ""))
            if speaker == "user":
                return _folded(LogRow(key, at, "→", "in", "prompt", ""), text)
            return LogRow(key, at, "·", "say", "says", "", whole=text)
        case "thinking" | "redacted_thinking":
            return _folded(LogRow(key, at, "·", "think", "thinks", ""), str(block.get("thinking", "(redacted)")))
        case "tool_use" | "server_tool_use":
            arguments = block.get("input")
            call = describe(str(block.get("name", "?")), arguments if isinstance(arguments, Mapping) else {})
            return LogRow(
                key, at, "◆", "call", "calls", call.summary, call.tool, call.body, call.open, call=_call(block)
            )
        case "tool_result":
            failed = bool(block.get("is_error"))
            row = LogRow(key, at, "✗" if failed else "←", "failed" if failed else "out", "tool answered", "")
            content = block.get("content")
            row = _folded(row, _result_text(content))
            return replace(row, call=_call(block), images=images.described(content))
        case _:
            return _unknown(key, at, block)


def _result_text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [
            str(part.get("text", "")) if isinstance(part, Mapping) and part.get("type") == "text" else _json(part)
            for part in content
            if not images.is_image(part)
        ]
        return "\n".join(parts)
    return "" if content is None else _json(content)


def _folded(row: LogRow, text: str) -> LogRow:
    """`row` with `text`: short text stands in the row, longer text is folded below its first line."""
    head = f"{row.summary}  " if row.summary and text else row.summary
    if len(text) <= FOLD_CHARACTERS and "\n" not in text.strip():
        return replace(row, summary=head + text.strip() if text.strip() else head or "(nothing)")
    lines = text.splitlines()
    body = [BodyLine(line) for line in lines]
    sizes = [f"{len(lines)} lines"] if len(lines) > 1 else []
    if len(text) >= MANY_CHARACTERS:
        sizes.append(formats.size(len(text.encode(errors="replace"))))
    size = f"  ({', '.join(sizes)})" if sizes else ""
    return replace(row, summary=f"{head}{first_line(text, FOLD_CHARACTERS)}{size}", body=body)


def _unknown(key: str, at: str, thing: Mapping[str, Any]) -> LogRow:
    return _folded(LogRow(key, at, "!", "unknown", "not understood", ""), _json(thing))


def _json(thing: Any) -> str:
    return json.dumps(thing, ensure_ascii=False, indent=None, default=str)
