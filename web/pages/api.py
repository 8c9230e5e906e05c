"""The same data as JSON: what the pages show, for scripts."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, TypeVar

from harness.wire import times
from harness.wire.errors import HiveError, bad_request
from harness.wire.limits import DEFAULT_LOG_LINES, MAX_LOG_LINES, MAX_ROWS
from harness.wire.model import Record
from web import reads
from web.alerts import alerts
from web.memo import Known
from web.services import Services
from web.visit import TEXT, Answer, Visit, as_json

T = TypeVar("T", bound=Record)


def state(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """`/api/state`: the position in the stream first, then the rows: who goes on from `seq` misses nothing."""
    status = services.feed.status
    reads = services.reads
    agents, inbox = reads.agents(), reads.inbox()
    rest, errors = _parts(
        approvals=lambda: _frames(reads.approvals()),
        questions=lambda: _frames(reads.questions()),
        reminders=lambda: reads.reminders().value.as_frame()["reminders"],
        tombstones=lambda: _frames(reads.tombstones()),
        drafts=lambda: reads.drafts().value,
    )
    return as_json(
        {
            "seq": status.seq,
            "epoch": status.epoch,
            "away_since": None if status.away_since is None else times.from_ms(status.away_since),
            "stale": agents.stale or inbox.stale,
            "agents": _frames(agents),
            "inbox": _frames(inbox),
            **rest,
            "errors": errors,
        }
    )


def _parts(**reads: Callable[[], Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each part, null where it could not be read, and why not: never an empty list for a failed read."""
    found: dict[str, Any] = {}
    errors: dict[str, Any] = {}
    for name, read in reads.items():
        try:
            found[name] = read()
        except HiveError as error:
            found[name] = None
            errors[name] = error.as_reply()
    return found, errors


def needs(services: Services, visit: Visit) -> Answer:
    """`/api/needs`: what a browser notification is shown for, each with a key that no other has."""
    reads = services.reads
    rows, errors = _parts(
        approvals=lambda: reads.approvals().value,
        questions=lambda: reads.questions().value,
        inbox=lambda: reads.inbox().value,
    )
    found = alerts(rows["approvals"] or [], rows["questions"] or [], rows["inbox"] or [], visit.seen)
    return as_json({"needs": [asdict(one) for one in found], "errors": errors})


def state_file(services: Services, visit: Visit) -> Answer:
    """`/api/state-file?agent=&path=`: text; a world-readable file below that agent's `state/`, no link followed."""
    agent, path = visit.query.get("agent", ""), visit.query.get("path", "")
    if not agent or not path:
        raise bad_request("whose file, and which?", "/api/state-file?agent=alice&path=notes.md")
    return Answer(services.reads.state_file(agent, path), content_type=TEXT)


def messages(services: Services, visit: Visit) -> Answer:
    """`/api/messages?limit=&before=`: a page of the flow, newest last."""
    limit = visit.number("limit", reads.FLOW_ROWS, 1, MAX_ROWS)
    return as_json({"messages": _frames(services.reads.messages(limit=limit, before=visit.optional_number("before")))})


def actors(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """`/api/actors`: the tree."""
    return as_json({"tree": services.reads.tree().as_frame()})


def journal(services: Services, visit: Visit, name: str) -> Answer:
    """`/api/journal/<name>?lines=`: text, one line a line."""
    lines = services.reads.journal(name, visit.number("lines", DEFAULT_LOG_LINES, 1, MAX_LOG_LINES))
    return Answer("\n".join(lines) + "\n" if lines else "", content_type=TEXT)


def _frames(known: Known[list[T]]) -> list[dict[str, Any]]:
    return [row.as_frame() for row in known.value]
