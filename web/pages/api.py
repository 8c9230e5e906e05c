"""The same data as JSON: what the pages show, for scripts."""

from harness.wire import times
from harness.wire.agent_api import Message
from web import reads
from web.memo import Known
from web.services import Services
from web.visit import TEXT, Answer, Visit, as_json


def state(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """`/api/state`: the position in the stream first, then the rows: who goes on from `seq` misses nothing."""
    status = services.feed.status
    agents, inbox = services.reads.agents(), services.reads.inbox()
    return as_json(
        {
            "seq": status.seq,
            "epoch": status.epoch,
            "away_since": None if status.away_since is None else times.from_ms(status.away_since),
            "stale": agents.stale or inbox.stale,
            "agents": [row.as_frame() for row in agents.value],
            "inbox": _frames(inbox),
        }
    )


def messages(services: Services, visit: Visit) -> Answer:
    """`/api/messages?limit=&before=`: a page of the flow, newest last."""
    limit = visit.number("limit", reads.FLOW_ROWS, 1, 1000)
    return as_json({"messages": _frames(services.reads.messages(limit=limit, before=visit.optional_number("before")))})


def actors(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """`/api/actors`: the tree."""
    return as_json({"tree": services.reads.tree().as_frame()})


def journal(services: Services, visit: Visit, name: str) -> Answer:
    """`/api/journal/<name>?lines=`: text, one line a line."""
    lines = services.reads.journal(name, visit.number("lines", 200, 1, 5000))
    return Answer("\n".join(lines) + "\n" if lines else "", content_type=TEXT)


def _frames(known: Known[list[Message]]) -> list[dict[str, object]]:
    return [mail.as_frame() for mail in known.value]
