"""`/approval/<id>/`: one proposal with its diff against a chosen base, in the panel or as a page."""

from collections.abc import Mapping
from typing import Any, cast, get_args

from harness.wire.errors import bad_request
from web import layout
from web.app import WebApp
from web.daemon import topics
from web.daemon.rows import Base
from web.http import urls
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse
from web.presentation import titles
from web.presentation.decision_state import approval_style
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
        cached = app.rows.diff(row, base)
        return {
            "row": row,
            "state": approval_style(row),
            "base": base,
            "bases": BASES,
            "comparison": cached.value,
            "stale": cached.stale_as_of_ms,
        }

    return Section(
        name="panel-approval",
        title=titles.APPROVAL,
        template="approval/detail",
        topics=(topics.APPROVALS, topics.config_of(approval.agent)),
        fetch=fetch,
        frame="layout/section_without_heading",
        refresh_url=urls.approval(approval.id, base=base),
    )
