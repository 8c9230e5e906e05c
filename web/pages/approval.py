"""`/approval/<id>/`: one proposal with its review, in the panel or as a page."""

import re
from dataclasses import replace

from harness.wire.errors import not_found
from web import layout
from web.app import WebApp
from web.http import cookies, urls
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse
from web.presentation.diff import Layout, commented
from web.sections import review
from web.sections.section import refresh

STYLES = ("decisions.css", "review.css")


def show(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """The content of the panel for htmx, else a whole page."""
    approval = row_id(number)
    if request.htmx:
        shown = review.rendered(app, request, approval, beside=False)
        body = layout.fragment(app, request, "approval/detail", number=approval, level=2, review=shown)
        return _remembering(request, HttpResponse(body))
    shown = review.rendered(app, request, approval, beside=False)
    body = layout.fragment(app, request, "approval/detail", number=approval, level=1, review=shown)
    title = f"approval {approval} · hive"
    page = layout.page(app, request, "pages/single", title=title, styles=STYLES, body=body)
    return _remembering(request, page)


def refreshed(app: WebApp, request: HttpRequest, number: str, place: str) -> HttpResponse:
    """`/approval/<id>/review` or `/beside`: the review alone, for an open page of its own or one that shows more."""
    shown = review.section(app, request, row_id(number), beside=place == "beside")
    return _remembering(request, refresh(app, shown, request))


def undo(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """`/approval/<id>/undo`: what takes a deployed change back, and the button that does it; in the panel or a page."""
    preview = app.rows.undo_preview(row_id(number))
    shown = {"preview": preview, "files": commented.files(preview.files), "layout": review.layout_of(request)}
    if request.htmx:
        return HttpResponse(layout.fragment(app, request, "approval/undo", level=2, **shown))
    body = layout.fragment(app, request, "approval/undo", level=1, **shown)
    title = f"undo of approval {number} · hive"
    return layout.page(app, request, "pages/single", title=title, styles=STYLES, body=body)


def part(app: WebApp, request: HttpRequest, number: str, part: str) -> HttpResponse:
    """`/approval/<id>/part/<part>?base=&offset=`: a piece of what the review does not show."""
    base, offset = review.chosen_base(request), request.number("offset", 0, 0, 2**31 - 1)
    if not re.fullmatch(r"[a-z0-9]{1,40}", part):
        raise not_found(f"part {part[:40]!r}")
    piece = app.rows.review_part(row_id(number), base, part, offset)
    body = layout.fragment(app, request, "approval/part", piece=piece, number=row_id(number), base=base)
    if request.htmx:
        return HttpResponse(body)
    title = f"{piece.what} · approval {number} · hive"
    return layout.page(
        app,
        request,
        "pages/single",
        title=title,
        heading=piece.what,
        above=(urls.approval(row_id(number), base=base), f"approval {number}"),
        styles=STYLES,
        body=body,
    )


def _remembering(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response; this browser remembers the layout that the address names."""
    chosen = request.query.get("view")
    if chosen not in set(Layout) or chosen == request.diff_layout:
        return response
    return replace(response, cookies={**response.cookies, cookies.DIFF_LAYOUT: chosen})
