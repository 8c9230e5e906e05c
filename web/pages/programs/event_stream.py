"""`/events`: the live stream of server-sent events."""

from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.live.sse import StreamRequest


def stream(app: WebApp, request: HttpRequest) -> HttpResponse:
    """A stream. `since` or `Last-Event-ID` resume it; `epoch` proves that the numbers come from the same daemon."""
    since = request.optional_number("since")
    if since is None and (request.last_event_id or "").isdecimal():
        since = int(request.last_event_id or 0)
    wanted = StreamRequest(
        since=since,
        epoch=request.query.get("epoch"),
        topics_only="notices" in request.query,
        agents=frozenset(filter(None, request.query.get("agent", "").split(","))),
        session=request.session.id if request.session else None,
    )
    return HttpResponse(
        app.streams.stream(wanted),
        content_type="text/event-stream; charset=utf-8",
        headers={"X-Accel-Buffering": "no"},
    )
