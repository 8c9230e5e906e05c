"""The review of one approval: what it changes, and the buttons that decide it; in the panel or as part of a page.

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
from web.sections.section import Section, render, view_link
from web.templating import Markup

BASES: Mapping[Base, tuple[str, str]] = {
    "running": ("running", "the same as deployed: approving it changes nothing"),
    "approved": ("last approved", "the same as the last approved proposal"),
    "previous": ("previous", "the same as the proposal before it"),
}
"""The bases of a comparison: the label of each, and the sentence for a proposal that does not differ from it."""


KEYS = ("base", "view")
"""What of the query belongs to a review: the base, and the layout of the differences."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file of a review with its lines as they are shown; `index` is its place in the review."""

    index: int
    change: FileChange
    lines: list[Line]


def rendered(app: WebApp, request: HttpRequest, number: int, *, beside: bool = True) -> Markup:
    """The review of an approval as a part of a page, with its error where it cannot be read.

    A refresh of what surrounds it leaves it alone. `beside`: it is shown within another page, which keeps its query;
    otherwise in the panel or on the page of the approval.
    """
    shown = section(app, request, number, beside=beside)
    return app.templates.render("approval/embedded", section=shown, body=render(app, shown, request))


def section(app: WebApp, request: HttpRequest, number: int, *, beside: bool = True) -> Section:
    """The section of one approval's review. Raises `not_found` without it, `bad_request` for a wrong base."""
    chosen_base(request)
    own = {key: request.query[key] for key in KEYS if request.query.get(key)}
    shown = Section(
        name=f"review-{number}",
        title=titles.REVIEW,
        template="approval/review",
        topics=(topics.APPROVALS, topics.config_of(app.rows.approval(number).agent)),
        fetch=lambda app, request: {**fetch(app, request, number), "to": to},
        query_keys=KEYS,
        frame="approval/frame",
        refresh_url=urls.review(number, beside=beside, **own),
    )

    def to(**changes: str) -> str:
        """The address of the review with another base or layout."""
        return view_link(shown, request, **changes) if beside else urls.approval(number, **{**own, **changes})

    return shown


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
