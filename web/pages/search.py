"""`/search`: what was said, done, asked and decided, by the daemon's index."""

from harness.wire.errors import HiveError
from harness.wire.operator_rows import SearchHit
from web import layout
from web.app import WebApp
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse

IN_LOG = frozenset({"prompt", "text", "tool", "output", "note"})
"""The kinds of hits that are events of a turn log."""


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/search?q=…&before=…`; without `q` the form and the language."""
    query, before = request.query.get("q", "").strip(), request.query.get("before") or None
    found, refused = None, None
    if query:
        try:
            found = app.rows.search(query, before)
        except HiveError as error:
            refused = error
    return layout.page(
        app,
        request,
        "pages/search",
        title="search · hive",
        styles=("css/pages/search.css", "causes.css"),
        query=query,
        before=before,
        found=found,
        refused=refused,
        place=place,
    )


def place(hit: SearchHit) -> str | None:
    """The page on which more of a hit can be read; None where there is none."""
    if hit.kind == "decision":
        return urls.approval(hit.id)
    if hit.kind == "message":
        return f"{urls.thread(hit.id)}#m{hit.id}"
    if hit.kind == "question":
        return urls.effects(f"question:{hit.id}")
    if hit.agent and hit.kind in IN_LOG:
        return urls.log_event(hit.agent, hit.id)
    names = [one for one in (hit.agent, hit.sender, hit.recipient) if one and one not in {"operator", "system"}]
    return urls.agent(names[0]) if names and ":" not in names[0] else None
