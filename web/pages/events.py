"""`/events`: the live stream."""

from web.services import Services
from web.sse import Wish
from web.visit import Answer, Visit


def stream(services: Services, visit: Visit) -> Answer:
    """Server-sent events. `since` or `Last-Event-ID` resume, `epoch` proves that the numbers are the same hive's."""
    since = visit.optional_number("since")
    if since is None and (visit.last_event_id or "").isdecimal():
        since = int(visit.last_event_id or 0)
    wish = Wish(since, visit.query.get("epoch"), notices="notices" in visit.query, agent=visit.query.get("agent"))
    return Answer(
        services.live.stream(wish),
        content_type="text/event-stream; charset=utf-8",
        headers={"X-Accel-Buffering": "no"},
    )
