"""`/api/…`: the rows of the pages as JSON or text, for scripts."""

import contextlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from harness.wire import times
from harness.wire.errors import HiveError, bad_request
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES, MAX_ROWS
from harness.wire.model import Record
from web.app import WebApp
from web.daemon.cache import Cached
from web.daemon.rows import FLOW_ROWS
from web.http.request import HttpRequest, row_id
from web.http.response import TEXT, HttpResponse, json_response
from web.presentation.notifications import notifications as due_notifications
from web.sections.review import chosen_base

DAY_MS = 24 * 3_600_000

T = TypeVar("T", bound=Record)


def state(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """`/api/state`: every row, and the position in the stream before any read: a client resumes at `seq`.

    `omitted`: how many rows of each list did not fit into the daemon's reply.
    """
    status, rows = app.feed.status, app.rows
    agents, inbox = rows.agents(), rows.inbox()
    parts, errors = _parts(
        approvals=lambda: _frames(rows.approvals()),
        questions=lambda: _frames(rows.questions()),
        reminders=lambda: rows.reminders().value.as_frame()["reminders"],
        tombstones=lambda: _frames(rows.tombstones()),
        drafts=lambda: rows.drafts().value,
    )
    return json_response(
        {
            "seq": status.seq,
            "epoch": status.epoch,
            "away_since": None if status.away_since is None else times.from_ms(status.away_since),
            "stale": agents.stale or inbox.stale,
            "agents": _frames(agents),
            "inbox": [one.as_frame() for one in inbox.value.messages],
            "unread": inbox.value.unread,
            **parts,
            "omitted": _omitted(
                agents=rows.agents,
                approvals=rows.approvals,
                questions=rows.questions,
                reminders=rows.reminders,
                tombstones=rows.tombstones,
                drafts=rows.drafts,
            ),
            "errors": errors,
        }
    )


def notifications(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """`/api/needs`: the browser notifications that are due, each with a key of its own."""
    parts, errors = _parts(
        approvals=lambda: app.rows.approvals().value,
        questions=lambda: app.rows.questions().value,
        mail=lambda: app.rows.inbox(unread=True).value.messages,
    )
    rows = {name: part or [] for name, part in parts.items()}
    due = due_notifications(**rows)
    return json_response({"needs": [asdict(notification) for notification in due], "errors": errors})


def messages(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/api/messages?limit=&before=`: a page of the message flow, newest last."""
    limit = request.number("limit", FLOW_ROWS, 1, MAX_ROWS)
    page = app.rows.messages(limit=limit, before=request.optional_number("before"))
    return json_response({"messages": _frames(page)})


def actors(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """`/api/actors`: the supervised tree."""
    return json_response({"tree": app.rows.tree().as_frame()})


def journal(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/api/journal/<name>?lines=`: the last lines of an agent's own log, as text."""
    lines = app.rows.journal(name, request.number("lines", DEFAULT_LOG_LINES, 1, MAX_LOG_LINES))
    return HttpResponse("\n".join(lines) + "\n" if lines else "", content_type=TEXT)


def stats(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/api/stats?since=&agent=`: the points of telemetry; without `since` those of the last day."""
    since = request.query.get("since")
    try:
        since_ms = request.now_ms - DAY_MS if since is None else times.to_ms(since)
    except ValueError:
        raise bad_request(f"since is a moment, not {str(since)[:40]!r}", "since=2026-01-31T12:00:00.000Z") from None
    reply = app.rows.series(since_ms, request.query.get("agent") or None)
    return json_response({"series": reply.series, "costs": reply.costs})


def agent_config(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:  # noqa: ARG001
    """`/api/agent-config/<name>`: the configuration in force, as text."""
    return HttpResponse(app.rows.config_text(name).value, content_type=TEXT)


def approval_diff(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """`/api/approvals/<id>/diff?base=`: an approval and its diff."""
    approval = app.rows.approval(row_id(number))
    found = app.rows.diff_text(approval, chosen_base(request))
    return json_response({**found.as_frame(), "approval": approval.as_frame()})


def approval_review(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """`/api/approvals/<id>/review?base=`: an approval and its review."""
    approval = app.rows.approval(row_id(number))
    found = app.rows.review(approval, chosen_base(request)).value
    return json_response({**found.as_frame(), "approval": approval.as_frame()})


def state_file(app: WebApp, request: HttpRequest) -> HttpResponse:
    """`/api/state-file?agent=&path=`: a world-readable file below the agent's `state/`; links are refused."""
    agent, path = request.query.get("agent", ""), request.query.get("path", "")
    if not agent or not path:
        raise bad_request("agent and path name the file", "/api/state-file?agent=alice&path=notes.md")
    return HttpResponse(app.rows.state_file(agent, path), content_type=TEXT)


def _omitted(**reads: Callable[[], Cached[Any]]) -> dict[str, int]:
    """By list; one that cannot be read is among the errors."""
    found = {}
    for name, read in reads.items():
        with contextlib.suppress(HiveError):
            found[name] = read().omitted
    return found


def _parts(**reads: Callable[[], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each part, and the errors by part: an unreadable part is null, never an empty list."""
    parts: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, read in reads.items():
        try:
            parts[name] = read()
        except HiveError as error:
            parts[name] = None
            errors[name] = error.as_reply()
    return parts, errors


def _frames(cached: Cached[list[T]]) -> list[dict[str, Any]]:
    return [row.as_frame() for row in cached.value]
