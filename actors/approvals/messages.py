"""The messages of the queue and its deployers. Agents are container names."""

from dataclasses import dataclass

from actors.approvals.approval import Approval
from actors.approvals.comments.comment import StoredComment
from actors.approvals.states import ApprovalKind
from actors.approvals.steps import ApprovalStep
from actors.supervision import Promise
from harness.wire.errors import HiveError

APPROVALS = "approvals"
QUEUE = f"{APPROVALS}/queue"
DEPLOYERS = f"{APPROVALS}/deployers"


def deployer_name(approval_id: int) -> str:
    """The directory name of the deployer of this approval."""
    return f"{DEPLOYERS}/{approval_id}"


# ---- to the queue ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GetContext:
    """→ the ApprovalContext of this hive."""


@dataclass(frozen=True, slots=True)
class File:
    """A proposal whose commit is in the applied repository and whose configuration was checked. → its id."""

    kind: ApprovalKind
    agent: str
    commit_ref: str
    sha: str
    description: str | None
    requested_by: str
    notes_sha: str | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Approve:
    """The operator approves what was looked at. Answered when the decision is on disk; the deployment comes afterwards.

    `in_force`: the commit that the proposal was compared with, None where there was none. `behind`: the approval of the
    agent that was the last to be carried out before it, when it was looked at. `note` goes into the log, `comments` to
    the proposer. → the approval that it waits for, None when it is carried out at once.
    """

    id: int
    by: str
    in_force: str | None
    note: str | None = None
    behind: int | None = None
    comments: tuple[StoredComment, ...] = ()


@dataclass(frozen=True, slots=True)
class Deny:
    """The operator denies. Answered when the decision is on disk."""

    id: int
    note: str | None
    by: str
    comments: tuple[StoredComment, ...] = ()


@dataclass(frozen=True, slots=True)
class AddComment:
    """Keep a draft whose line was found. → its id."""

    comment: StoredComment


@dataclass(frozen=True, slots=True)
class ChangeComment:
    """Give a draft other words; None drops it."""

    approval_id: int
    comment_id: int
    text: str | None


@dataclass(frozen=True, slots=True)
class MarkViewed:
    """Mark what differs in a file as viewed, or take the mark away."""

    approval_id: int
    content: str
    viewed: bool


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The proposer `by` takes its pending proposal back; the operator also what was approved and is not in force yet.

    Answered when that is on disk: what happens, in a sentence.
    """

    id: int
    by: str


@dataclass(frozen=True, slots=True)
class CheckDraft:
    """Raises `conflict` when an approval of this draft waits or is carried out."""

    agent: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What was in force before the deployment; the row keeps it for the roll-back."""

    base_sha: str | None
    existed: bool


@dataclass(frozen=True, slots=True)
class Performed:
    """From a deployer: this step is done, or was refused. `transient`: a component was away or late; try again."""

    id: int
    step: ApprovalStep
    facts: Facts | None = None
    tag: str | None = None
    refusal: HiveError | None = None
    transient: bool = False


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Agents came or went without an approval: cancel obsolete proposals and bring the swarm's history up to date."""


@dataclass(frozen=True, slots=True)
class RetryStep:
    """To itself: the pause before the next try is over."""

    id: int


# ---- to a deployer ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Perform:
    """Do this step for this approval and tell the queue."""

    step: ApprovalStep
    approval: Approval


@dataclass(frozen=True, slots=True)
class Restarted:
    """To itself: the agent was restarted for this step, after its turn, or could not be."""

    perform: Perform
    outcome: Promise[None]


@dataclass(frozen=True, slots=True)
class AskedForMail:
    """To itself: the harness of the agent asked for mail, so it is ready."""


@dataclass(frozen=True, slots=True)
class CheckReady:
    """Check again whether the harness is ready: the broker was away, or the agent's state has changed."""


@dataclass(frozen=True, slots=True)
class ReadyTimeout:
    """To itself: the time in which the harness had to be ready is over."""
