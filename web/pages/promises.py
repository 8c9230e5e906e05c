"""`/verify`: every promise of the hive, looked at when the page is loaded, as `hive verify` does."""

from web import layout
from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import HttpResponse

WORDS = {True: "held", False: "broken", None: "not known"}


def show(app: WebApp, request: HttpRequest) -> HttpResponse:
    """GET `/verify`. What speaks against a promise for a moment only is looked at twice, which takes a moment."""
    rows = app.rows.promises()
    return layout.page(
        app,
        request,
        "pages/promises",
        title="verify · hive",
        styles=("promises.css",),
        rows=[(row, WORDS[row.held]) for row in sorted(rows, key=lambda row: row.held is True)],
        broken=sum(row.held is not True for row in rows),
    )
