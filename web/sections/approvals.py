"""◆ P3NDING APPR0VALS: the proposals to decide on, those that are being deployed, and the outcome of the others."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.wire.errors import HiveError
from harness.wire.operator_rows import ApprovalRow
from harness.wire.review import ReviewReply
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.presentation import diff, titles
from web.presentation.decision_state import is_deploying, is_pending
from web.sections.section import Section

HISTORY = 10
ALL = 100


@dataclass(frozen=True, slots=True)
class Diffstat:
    """The size of a proposal against what runs; `error` says why it could not be read.

    `unshown`: parts that have to be looked at or accepted before an approval. `undoes`: the approvals whose changes it
    takes back. `sha`, `base`: what this is about.
    """

    added: int = 0
    removed: int = 0
    paths: tuple[str, ...] = ()
    unshown: int = 0
    undoes: tuple[int, ...] = ()
    widens: int = 0
    sha: str = ""
    base: str = ""
    error: HiveError | None = None


def diffstats(app: WebApp, rows: Iterable[ApprovalRow]) -> dict[int, Diffstat]:
    """The diffstat of each approval, by its id; an unreadable diff affects only its own."""
    return {row.id: _diffstat(app, row) for row in rows}


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """How many are open, with the way to the first of them; those being carried out; the history, newest first."""
    cached = app.rows.approvals()
    pending = [row for row in cached.value if is_pending(row)]
    ended = [row for row in reversed(cached.value) if not is_pending(row) and not is_deploying(row)]
    shown = ALL if request.query.get("history") == "all" else HISTORY
    return {
        "pending": len(pending),
        "to_need": urls.home(need=f"approval-{pending[0].id}") if pending else "",
        "deploying": [row for row in cached.value if is_deploying(row)],
        "ended": ended[:shown],
        "hidden": max(0, len(ended) - shown),
        "stale": cached.stale_as_of_ms,
        "omitted": cached.omitted,
    }


def diffstat(review: ReviewReply) -> Diffstat:
    """The sums of a review."""
    return Diffstat(
        added=diff.added(review.files),
        removed=diff.removed(review.files),
        paths=tuple(diff.path(file) for file in review.files),
        unshown=len(review.unshown),
        undoes=tuple(one.id for one in review.undoes),
        widens=sum(change.widens for change in review.effective),
        sha=review.sha,
        base=review.base_sha or "",
    )


def _diffstat(app: WebApp, row: ApprovalRow) -> Diffstat:
    try:
        return diffstat(app.rows.review(row).value)
    except HiveError as error:
        return Diffstat(error=error)


SECTION = Section(
    name="approvals",
    title=titles.APPROVALS,
    template="sections/approvals",
    topics=(topics.APPROVALS,),
    fetch=fetch,
    query_keys=("history",),
)
