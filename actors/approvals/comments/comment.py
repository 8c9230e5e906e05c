"""One comment of the operator on a proposal, and the states that it goes through. Pure."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.wire.errors import ErrorCode, HiveError, conflict
from harness.wire.limits import MAX_COMMENTS, MAX_COMMENTS_BYTES
from harness.wire.review.comments import LineComment


class CommentState(StrEnum):
    """A draft is the operator's alone. A sent comment is part of a decision, and stays as it was sent."""

    DRAFT = "draft"
    SENT = "sent"
    DROPPED = "dropped"


TRANSITIONS: Mapping[CommentState, frozenset[CommentState]] = {
    CommentState.DRAFT: frozenset({CommentState.DRAFT, CommentState.SENT, CommentState.DROPPED}),
    CommentState.SENT: frozenset(),
    CommentState.DROPPED: frozenset(),
}
"""From each state to those that may follow it; a draft that is edited stays one."""


@dataclass(frozen=True, slots=True)
class StoredComment:
    """A row of `review_comments`. `sha` is the commit in which `path` has `line`, which reads `quoted`.

    `line` None is for the whole file. `path` and `quoted` are made visible. The table draws the id.
    """

    id: int
    approval_id: int
    state: CommentState
    source: str
    path: str
    side: str
    line: int | None
    quoted: str
    text: str
    sha: str
    written_by: str
    written_ms: int

    def travels(self) -> LineComment:
        """The comment as the proposer is given it."""
        return LineComment(
            source=self.source,
            path=self.path,
            side=self.side,
            line=self.line,
            quoted=self.quoted,
            text=self.text,
        )


def check_advance(one: StoredComment, state: CommentState) -> None:
    """Raise `conflict` when the comment cannot get into this state any more."""
    if state not in TRANSITIONS[one.state]:
        raise conflict(f"comment {one.id} was {one.state.value} already", "it stays as it is")


def check_together(comments: Iterable[StoredComment]) -> None:
    """Raise `too_large` when these comments do not fit into the message that carries them."""
    travelling = [one.travels().as_frame() for one in comments]
    size = len(json.dumps(travelling))
    if len(travelling) > MAX_COMMENTS or size > MAX_COMMENTS_BYTES:
        raise HiveError(
            ErrorCode.TOO_LARGE,
            f"{len(travelling)} comments of {size} bytes do not fit into one message: it holds {MAX_COMMENTS} comments "
            f"and {MAX_COMMENTS_BYTES} bytes",
            "drop some, or say it in fewer words",
        )
