"""What the operator reads before a decision: the effective changes, every file, and what of it is not shown.

The daemon computes it once; the dashboard, the command line and foreign clients render it. Every text in it is
already made visible (`harness.wire.visible`).
"""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.limits import MAX_COMMENTS, MAX_NOTE_CHARACTERS
from harness.wire.model import Record, Reply, Request
from harness.wire.names import Id
from harness.wire.review.comments import NewComment

Base = Literal["running", "approved", "previous"]
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}$")]
Part = Annotated[str, Field(pattern=r"^[a-z0-9]{1,40}$")]


class EffectiveChange(Record):
    """One thing that an agent may do or is given, before and after; null where it is not.

    `topic` is the key of `agent.toml`, `name` the entry of it. `widens`: it gives the agent more than before.
    """

    topic: str
    name: str | None = None
    before: str | None = None
    after: str | None = None
    widens: bool = False


class FileChange(Record):
    """One file that differs. `source` is `config`, or `notes` for what a new agent finds in its `state/`.

    `change` is new, changed, deleted or renamed; `mode` is null unless it changed. `size` in bytes and `sha256` are of
    the new content, of the old one for a deleted file. `lines` are joined by line feeds, each begins with its mark:
    `+`, `-`, a space, `@` for the heading of a hunk, a backslash for a remark. `missing` lines are not among them.
    `part` names what is not shown.
    """

    source: Literal["config", "notes"] = "config"
    path: str
    before: str | None = None
    change: str
    mode: str | None = None
    binary: bool = False
    size: int
    sha256: str
    added: int = 0
    removed: int = 0
    hidden: int = 0
    """Characters in the changed lines that a reader would not see; they are written as code points."""
    lines: str = ""
    missing: int = 0
    part: str | None = None
    content: str = ""
    """Names what differs in this file: its place and both contents. A mark that it was viewed holds for that."""

    def marked(self) -> list[tuple[str, str]]:
        """The lines as (mark, text)."""
        return [(line[:1], line[1:]) for line in self.lines.split("\n")] if self.lines else []


class Unshown(Record):
    """A part of the change that is not shown: what it is, why, and whether `approval_part` can show it."""

    part: str
    what: str
    why: str
    opens: bool = True


class Undone(Record):
    """An approved change that the proposal would take back, since it was made without it; `files` say where."""

    id: int
    sha: str
    description: str | None = None
    files: list[str]


class ReviewReply(Reply):
    """A proposal against a base. `base_sha` null: there is nothing to compare with, and every file is new.

    `remarks` are sentences for the operator: what this machine cannot enforce, what a rule cannot promise. `behind`:
    the approval of the agent after whose end this one would be carried out, null when it would begin at once.
    """

    id: int
    sha: str
    base_sha: str | None
    notes_sha: str | None = None
    effective: list[EffectiveChange] = []
    remarks: list[str] = []
    files: list[FileChange] = []
    unshown: list[Unshown] = []
    undoes: list[Undone] = []
    behind: int | None = None


class CompareReply(Reply):
    """Two commits of a configuration; `files` as in a review."""

    sha: str
    base_sha: str | None
    files: list[FileChange] = []
    unshown: list[Unshown] = []


class PartReply(Reply):
    """A piece of one part, from character `offset` on. `next_offset` null: it is the last piece.

    `marked`: each line begins with its mark; false for the bytes of a binary file. `continues`: the piece begins within
    a line, so that its first line has no mark. `old_line`, `new_line`: the lines of the old and the new file before it.
    """

    part: str
    what: str
    text: str
    offset: int
    next_offset: int | None
    marked: bool = True
    continues: bool = False
    old_line: int = 0
    new_line: int = 0


class ApprovalReview(Request):
    cmd: Literal["approval_review"] = "approval_review"
    id: Id
    base: Base = "running"


class ApprovalPart(Request):
    cmd: Literal["approval_part"] = "approval_part"
    id: Id
    base: Base = "running"
    part: Part
    offset: Annotated[int, Field(ge=0, lt=2**31)] = 0


class Approve(Request):
    """`sha` and `base_sha`: the commits that were looked at; a prefix will do. `accepts`: parts that were not shown.

    `undoes`: the approved changes that may be taken back by it. Without these two the proposal is approved only if
    nothing of it is unshown and it takes nothing back. `comments` go to the proposer with those that are drafts.
    `session`: the session of the dashboard in which it was decided.
    """

    cmd: Literal["approve"] = "approve"
    id: Id
    sha: Sha | None = None
    base_sha: Sha | None = None
    accepts: Annotated[list[Part], Field(max_length=2000)] = []
    undoes: Annotated[list[Id], Field(max_length=200)] = []
    note: Annotated[str, Field(max_length=MAX_NOTE_CHARACTERS)] | None = None
    comments: Annotated[list[NewComment], Field(max_length=MAX_COMMENTS)] = []
    session: Id | None = None


class ApproveReply(Reply):
    """`behind`: the approval of the agent after whose end it is carried out; null when it has begun."""

    behind: int | None = None
