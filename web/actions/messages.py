"""Mail of the operator: a message to any agent, a line below an agent's turn log, what is marked as read."""

from harness.wire.errors import bad_request
from web import layout
from web.actions import slash_commands
from web.actions.agents import give_order
from web.actions.outcomes import done
from web.app import WebApp
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse, see_other


def send(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/op-send` with `to`, `body` and, for a reply, `in_reply_to`. A body `@bob text` goes to bob."""
    to, body = request.form.get("to", "").strip().removeprefix("@"), request.form.get("body", "")
    if body.lstrip().startswith("@"):
        mention, _, body = body.lstrip().partition(" ")
        to = mention[1:]
    if not body.strip():
        raise bad_request("there is nothing to send")
    if not to:
        raise bad_request("the message has no recipient", "put a name before the message, or begin with @name")
    answered = request.form.get("in_reply_to", "")
    return _send(app, request, to, body, row_id(answered) if answered else None)


def compose(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """POST `/agent/<name>/say` with `body`: a message to this agent, or a command that begins with a slash."""
    match slash_commands.parse(request.form.get("body", "")):
        case slash_commands.Text(body):
            return _send(app, request, name, body)
        case slash_commands.Control(action, value):
            return give_order(app, request, name, action, value)
        case slash_commands.Help():
            commands = slash_commands.COMMANDS
            return HttpResponse(layout.fragment(app, request, "parts/slash_help", commands=commands))


def mark_read(app: WebApp, request: HttpRequest) -> HttpResponse:
    """POST `/mail-read` with `ids` (one or more), or with `up_to` and if need be `sender`: that mail is read."""
    ids, up_to = request.form_lists.get("ids", ()), request.form.get("up_to", "")
    numbers = [row_id(one) for one in ids]
    limit = row_id(up_to) if up_to else None
    app.commands.mark_read(ids=numbers, up_to=limit, sender=request.form.get("sender") or None)
    if not request.htmx:
        return see_other(request.return_path)
    return HttpResponse("", 204, headers={"HX-Trigger": "hive:reread"})


def _send(app: WebApp, request: HttpRequest, to: str, body: str, in_reply_to: int | None = None) -> HttpResponse:
    recipients = app.commands.send(to, body, in_reply_to)
    return done(app, request, f"sent to {to}" if recipients is None else f"sent to {len(recipients)}")
