"""`/why/<kind>/<name>`, `/effects/<kind>/<name>`: what led to something, what came of it, as a tree with its cost."""

from harness.wire.boundary import causes
from harness.wire.boundary.causes import CauseKind, CauseRow
from harness.wire.errors import not_found
from harness.wire.names import container_name
from web import layout
from web.app import WebApp
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.presentation import cause_rows, titles

TITLES = {"why": titles.WHY, "effects": titles.EFFECTS}


def show(app: WebApp, request: HttpRequest, verb: str, kind: str, name: str) -> HttpResponse:
    """GET `/why/message/12`, `/effects/turn/alice/5`."""
    wanted = f"{kind}:{name}"
    if causes.known(wanted) is None:
        hint = "messages, turns, approvals, questions and reminders have links to it"
        raise not_found(f"{kind} {name}"[:80], hint)
    found = app.rows.causes("why" if verb == "why" else "effects", wanted)
    return layout.page(
        app,
        request,
        "pages/causes",
        title=f"{verb} {wanted} · hive",
        styles=("causes.css",),
        verb=verb,
        title_of=TITLES[verb],
        name=causes.parse(wanted),
        found=found,
        cost=cause_rows.cost(found.cost),
        place=place,
    )


def place(row: CauseRow) -> str | None:
    """The page on which more of the row can be read; None where there is none."""
    one = causes.parse(row.name)
    match one.kind:
        case CauseKind.APPROVAL:
            return urls.approval(one.number)
        case CauseKind.MESSAGE:
            return urls.thread(one.number)
        case CauseKind.TURN:
            return urls.agent(container_name(one.agent), at=row.at)
        case _:
            return urls.agent(container_name(row.who)) if row.who and ":" not in row.who else None
