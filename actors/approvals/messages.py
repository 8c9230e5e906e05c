"""What the queue and the ones who carry out are told. Agents are container names."""

from dataclasses import dataclass

from actors.approvals.approval import Approval
from actors.approvals.states import ApprovalKind
from actors.approvals.steps import Step
from harness.wire.errors import HiveError

APPROVALS = "approvals"
QUEUE = f"{APPROVALS}/queue"
HANDS = f"{APPROVALS}/hands"


def carrier_name(approval_id: int) -> str:
    """The directory name of whoever carries this approval out."""
    return f"{HANDS}/{approval_id}"


# ---- to the queue ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AskHost:
    """→ the ApprovalHost of this hive."""


@dataclass(frozen=True, slots=True)
class File:
    """A proposal whose commit is in the applied repository and whose configuration was checked. → its id."""

    kind: ApprovalKind
    agent: str
    commit_ref: str
    sha: str
    description: str | None
    requested_by: str


@dataclass(frozen=True, slots=True)
class Approve:
    """The operator's yes. Answered when it is on disk; the rest happens afterwards."""

    id: int
    by: str


@dataclass(frozen=True, slots=True)
class Deny:
    """The operator's no. Answered when it is on disk."""

    id: int
    note: str | None
    by: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What a step found out that the row must keep."""

    base_sha: str | None
    existed: bool


@dataclass(frozen=True, slots=True)
class Performed:
    """From a carrier: this step is done, or was refused. `passing`: whoever should have done it was away or late."""

    id: int
    step: Step
    facts: Facts | None = None
    tag: str | None = None
    refusal: HiveError | None = None
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Agents came or went without an approval: cancel what can not be any more, and note it in the swarm's history."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """To itself: the pause after a crash is over."""

    id: int


# ---- to a carrier ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Perform:
    """Do this step for this approval and tell the queue."""

    step: Step
    approval: Approval


@dataclass(frozen=True, slots=True)
class AskedForMail:
    """To itself: the harness of the agent is ready."""


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Ask again whether it is ready: whoever knows was away, or knows more now."""


@dataclass(frozen=True, slots=True)
class NotReady:
    """To itself: it took too long."""
