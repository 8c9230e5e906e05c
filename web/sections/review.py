"""The review of one approval: what it changes, and the buttons that decide it; in the panel or as part of a page.

`rendered` is all that another page needs: the review reads its own query, refreshes itself and keeps what is open.
"""

from collections.abc import Mapping
from typing import Any, cast, get_args

from harness.wire.errors import bad_request
from harness.wire.review import Base
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.presentation import titles
from web.presentation.decision_state import approval_style, is_pending
from web.presentation.diff import Layout, commented
from web.presentation.diff.commented import Asked
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


WRITING = ("on", "side", "line")
"""What of the query says where a comment is being written: the content of a file, and a line of one side of it."""


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
    writing = {key: request.query[key] for key in WRITING if request.query.get(key)}
    shown = Section(
        name=f"review-{number}",
        title=titles.REVIEW,
        template="approval/review",
        topics=(topics.APPROVALS, topics.config_of(app.rows.approval(number).agent), topics.review_of(number)),
        fetch=lambda app, request: {**fetch(app, request, number), "to": to},
        query_keys=KEYS,
        frame="approval/frame",
        refresh_url=urls.review(number, beside=beside, **own, **writing),
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
    review, notes = cached.value, app.rows.approval_notes(row, base).value
    comments = [*notes.earlier, *notes.comments]
    return {
        "row": row,
        "state": approval_style(row),
        "decides": is_pending(row) and base == "running",
        "base": base,
        "bases": BASES,
        "layout": layout_of(request),
        "review": review,
        "files": commented.files(review.files, comments, notes.viewed, asked(request)),
        "elsewhere": commented.elsewhere(review.files, comments),
        "drafts": sum(one.state == "draft" for one in notes.comments),
        "notes": notes,
        "diffstat": diffstat(running.value),
        "stale": cached.stale_as_of_ms,
    }


def asked(request: HttpRequest) -> Asked | None:
    """Where the query says that a comment is being written."""
    content = request.query.get("on")
    if not content:
        return None
    side = "old" if request.query.get("side") == "old" else "new"
    return Asked(content, side, request.number("line", 0, 0, 2**31 - 1) or None)


def chosen_base(request: HttpRequest) -> Base:
    """The base that the query names."""
    return base_of(request.query.get("base"))


def base_of(given: str | None) -> Base:
    """The base of this name; without a name, what is running. Raises `bad_request`."""
    if given and given not in get_args(Base):
        raise bad_request(f"there is no base {given[:40]!r}", f"the bases are: {', '.join(get_args(Base))}")
    return cast("Base", given or "running")


def layout_of(request: HttpRequest) -> Layout:
    """The layout that the query names, else the one that this browser used last."""
    given = request.query.get("view") or request.diff_layout
    return Layout(given) if given in set(Layout) else Layout.UNIFIED
