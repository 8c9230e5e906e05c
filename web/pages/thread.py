"""`/thread/<id>`: the conversation of a message, with the turns on it, what they proposed, and its cost."""

from harness.wire.agent_api import Message
from harness.wire.names import OPERATOR, container_name
from web import layout
from web.app import WebApp
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse
from web.pages import causes
from web.presentation import cause_rows


def show(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """GET `/thread/<id>?before=`."""
    found = app.rows.thread(row_id(number), request.optional_number("before"))
    entries = sorted(
        [(one.sent_at, 0, one) for one in found.messages] + [(one.at or "", 1, one) for one in found.rows],
        key=lambda entry: entry[:2],
    )
    return layout.page(
        app,
        request,
        "pages/thread",
        title=f"thread {found.root} · hive",
        styles=("causes.css",),
        number=row_id(number),
        found=found,
        entries=[entry for _, _, entry in entries],
        is_message=lambda one: isinstance(one, Message),
        reply_to=correspondent(found.messages),
        cost=cause_rows.cost(found.cost),
        place=causes.place,
        older=found.messages[0].id if found.messages and found.messages[0].id != found.root else None,
    )


def correspondent(messages: list[Message]) -> tuple[str, int] | None:
    """To whom a reply of the operator goes, and which message it answers: the newest of another."""
    for one in reversed(messages):
        if one.from_ != OPERATOR and ":" not in one.from_ and one.kind.value == "message":
            return container_name(one.from_), one.id
    own = next((one for one in reversed(messages) if one.from_ == OPERATOR), None)
    return None if own is None else (container_name(own.to), own.id)
