"""A comment of the operator on a line of a proposal: a draft at first, then part of the decision on it."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from harness.wire.limits import MAX_COMMENT_BYTES
from harness.wire.model import Part, Record
from harness.wire.times import Timestamp


def _words(text: str) -> str:
    if not text.strip():
        raise ValueError("a comment has words")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_COMMENT_BYTES:
        raise ValueError(f"a comment has at most {MAX_COMMENT_BYTES} bytes")
    return text


CommentText = Annotated[str, AfterValidator(_words)]
Source = Literal["config", "notes"]
Side = Literal["new", "old"]


class NewComment(Part):
    """`side`: the line is of the new file, or of the old one with which it is compared; `line` null: the whole file."""

    source: Source = "config"
    path: Annotated[str, Field(min_length=1, max_length=2000)]
    side: Side = "new"
    line: Annotated[int, Field(ge=1, lt=2**31)] | None = None
    text: CommentText


class LineComment(Record):
    """A comment as it travels: the place, the line as it stood there, and the operator's words."""

    source: str
    path: str
    side: str
    line: int | None = None
    quoted: str = ""
    text: str


class CommentRow(LineComment):
    """A comment as the operator sees it. `state` is draft or sent.

    `line` is where it belongs in the files that are compared now; `outdated`: its line is not in them any more, and
    `line` is where it was. `approval_id` is another approval for a comment on an earlier proposal of the agent.
    """

    id: int
    approval_id: int
    state: str
    written_by: str
    written_at: Timestamp
    outdated: bool = False
