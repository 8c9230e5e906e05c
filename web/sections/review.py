"""The review of one approval: what it changes, and the buttons that decide it. In the panel, on its page, beside a list.

`rendered` is all that another page needs: the review reads its own query, refreshes itself and keeps what is open.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from harness.wire.errors import bad_request
from harness.wire.review import Base, FileChange
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.presentation import diff, titles
from web.presentation.decision_state import approval_style, is_pending
from web.presentation.diff import Budget, Layout, Line
from web.sections.approvals import diffstat
from web.sections.section import Section, render
from web.templating import Markup

BASES: Mapping[Base, tuple[str, str]] = {
    "running": ("running", "the same as deployed: approving it changes nothing"),
    "approved": ("last approved", "the same as the last approved proposal"),
    "previous": ("previous", "the same as the proposal before it"),
}
"""The bases of a comparison: the label of each, and the sentence for a proposal that does not differ from it."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a review with its lines as they are shown; `index` is its place in the review."""

    index: int
    change: FileChange
    lines: list[Line]


def rendered(app: WebApp, request: HttpRequest, number: int, *, on_its_page: bool = False) -> Markup:
    """The review of an approval as a part of a page, with its error where it cannot be read.

    A refresh of what surrounds it leaves it alone. `on_its_page`: its switches change the address of the page.
    """
    shown = section(app, request, number, on_its_page=on_its_page)
    return app.templates.render("approval/embedded", section=shown, body=render(app, shown, request))


def section(app: WebApp, request: HttpRequest, number: int, *, on_its_page: bool = False) -> Section:
    """The section of one approval's review. Raises `not_found` without it, `bad_request` for a wrong base."""
    chosen_base(request)
    agent, query = app.rows.approval(number).agent, _query(request)
    if on_its_page:
        query["page"] = "1"
    return Section(
        name=f"review-{number}",
        title=titles.REVIEW,
        template="approval/review",
        topics=(topics.APPROVALS, topics.config_of(agent)),
        fetch=lambda app, request: {**fetch(app, request, number), "query": query},
        frame="approval/frame",
        refresh_url=urls.review(number, **query),
    )


def fetch(app: WebApp, request: HttpRequest, number: int) -> Mapping[str, Any]:
    """The values of `approval/review`."""
    row, base = app.rows.approval(number), chosen_base(request)
    cached = app.rows.review(row, base)
    running = cached if base == "running" else app.rows.review(row)
    review = cached.value
    return {
        "row": row,
        "state": approval_style(row),
        "decides": is_pending(row) and base == "running",
        "base": base,
        "bases": BASES,
        "layout": layout_of(request),
        "review": review,
        "files": shown(review.files),
        "diffstat": diffstat(running.value),
        "stale": cached.stale_as_of_ms,
    }


def shown(files: list[FileChange]) -> list[ShownFile]:
    """The files with their lines numbered, and with the words that differ as far as the budget of one review goes."""
    budget = Budget()
    return [ShownFile(index, file, diff.numbered(file.marked(), budget)) for index, file in enumerate(files)]


def chosen_base(request: HttpRequest) -> Base:
    """The base that the query names."""
    given = request.query.get("base") or "running"
    if given not in get_args(Base):
        raise bad_request(f"there is no base {given[:40]!r}", f"the bases are: {', '.join(get_args(Base))}")
    return cast("Base", given)


def layout_of(request: HttpRequest) -> Layout:
    """The layout that the query names, else the one that this browser used last."""
    given = request.query.get("view") or request.diff_layout
    return Layout(given) if given in set(Layout) else Layout.UNIFIED


def _query(request: HttpRequest) -> dict[str, str]:
    """What of the query belongs to the review."""
    return {key: request.query[key] for key in ("base", "view", "page") if request.query.get(key)}
