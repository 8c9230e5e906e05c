"""`/approval/<id>/`: one proposal with its diff against a chosen base, in the panel or as a page."""

import re
from collections.abc import Mapping
from typing import Any, cast, get_args

from harness.wire.errors import bad_request, not_found
from harness.wire.review import Base
from web import layout
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse
from web.presentation import titles
from web.presentation.decision_state import approval_style
from web.sections.approvals import diffstat
from web.sections.section import Section, refresh, render

BASES: Mapping[Base, tuple[str, str]] = {
    "running": ("running", "the same as deployed: approving it changes nothing"),
    "approved": ("last approved", "the same as the last approved proposal"),
    "previous": ("previous", "the same as the proposal before it"),
}
"""The bases of a comparison: the label of each, and the sentence for a proposal that does not differ from it."""


def show(app: WebApp, request: HttpRequest, number: str) -> HttpResponse:
    """The content of the panel for htmx, else a whole page."""
    section = _section(app, request, number)
    if request.htmx:
        return refresh(app, section, request)
    body = render(app, section, request)
    title = f"approval {number} · hive"
    return layout.page(app, request, "pages/single", title=title, styles=("decisions.css",), body=body)


def part(app: WebApp, request: HttpRequest, number: str, part: str) -> HttpResponse:
    """`/approval/<id>/part/<part>?base=&offset=`: a piece of what the review does not show."""
    base, offset = chosen_base(request), request.number("offset", 0, 0, 2**31 - 1)
    if not re.fullmatch(r"[a-z0-9]{1,40}", part):
        raise not_found(f"part {part[:40]!r}")
    piece = app.rows.review_part(row_id(number), base, part, offset)
    shown = {"piece": piece, "number": row_id(number), "base": base}
    if request.htmx:
        return HttpResponse(layout.fragment(app, request, "approval/part", **shown))
    body = layout.fragment(app, request, "approval/part", **shown)
    title = f"{piece.what} · approval {number} · hive"
    return layout.page(app, request, "pages/single", title=title, styles=("decisions.css",), body=body)


def chosen_base(request: HttpRequest) -> Base:
    """The base that the query names."""
    given = request.query.get("base") or "running"
    if given not in get_args(Base):
        raise bad_request(f"there is no base {given[:40]!r}", f"the bases are: {', '.join(get_args(Base))}")
    return cast("Base", given)


def _section(app: WebApp, request: HttpRequest, number: str) -> Section:
    base, approval = chosen_base(request), app.rows.approval(row_id(number))

    def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:  # noqa: ARG001
        row = app.rows.approval(approval.id)
        cached = app.rows.review(row, base)
        running = cached if base == "running" else app.rows.review(row)
        return {
            "row": row,
            "state": approval_style(row),
            "base": base,
            "bases": BASES,
            "review": cached.value,
            "diffstat": diffstat(running.value),
            "stale": cached.stale_as_of_ms,
        }

    return Section(
        name="panel-approval",
        title=titles.APPROVAL,
        template="approval/detail",
        topics=(topics.APPROVALS, topics.config_of(approval.agent)),
        fetch=fetch,
        frame="layout/section_without_heading",
        query_keys=("base",),
        refresh_url=urls.approval(approval.id, base=base),
    )
