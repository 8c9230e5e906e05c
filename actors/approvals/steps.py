"""How an approval is deployed: every step by name, what follows it, and what follows its refusal. Pure.

A row holds the last step that was done. Every step may be done again after it was cut off anywhere, so a restarted
queue does the next one. The roll-out goes from `approved` to `finalized`; a refusal changes the direction to the
roll-back, which ends in `failed` with everything as it was before.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise


class ApprovalStep(StrEnum):
    """What has been done last; the column `step`."""

    FILED = "filed"
    """Waiting for the operator."""
    QUEUED = "queued"
    """Approved; another approval of the agent is carried out first."""
    APPROVED = "approved"
    """Decided; nothing has changed yet."""
    TAGGED = "tagged"
    """Tags approved and building are set; the row notes what was in force before."""
    SWAPPED = "swapped"
    """Branch, files and the agent's row name the new commit."""
    REBUILT = "rebuilt"
    """The container was started with the new commit, if the agent is to run at all."""
    HEALTHY = "healthy"
    """Its harness has asked for mail."""
    RECORDED = "recorded"
    """Tag deployed is set and the history of the swarm has the commit."""
    FINALIZED = "finalized"
    """The row is closed and its events are posted."""

    ROLLING_BACK = "turned"
    """A step was refused; nothing is undone yet. The row holds the reason."""
    UNSWAPPED = "unswapped"
    """Branch, files and the agent's row name the old commit; tag deployed is gone."""
    RESTORED = "restored"
    """The container runs what it ran before, or is gone if there was none."""
    REFUSED = "refused"
    """Tag failed holds the reason."""
    FAILED = "failed"
    """The row is closed and its events are posted."""

    DENIED = "denied"
    """Denied, and the event is posted; the tag is still to be set."""
    CLOSED = "closed"
    """Nothing is left to do."""


S = ApprovalStep

ROLL_OUT = (S.APPROVED, S.TAGGED, S.SWAPPED, S.REBUILT, S.HEALTHY, S.RECORDED, S.FINALIZED)
ROLL_BACK = (S.ROLLING_BACK, S.UNSWAPPED, S.RESTORED, S.REFUSED, S.FAILED)

NEXT: Mapping[ApprovalStep, ApprovalStep] = {
    **dict(pairwise(ROLL_OUT)),
    **dict(pairwise(ROLL_BACK)),
    S.QUEUED: S.APPROVED,
    S.DENIED: S.CLOSED,
}
"""What is done after what. A step that is not a key is an end, or waits for the operator."""

ENDS = (S.FINALIZED, S.FAILED, S.CLOSED)
"""A row with one of these steps is closed."""

BEFORE_REBUILD = frozenset(
    {
        S.QUEUED,
        S.APPROVED,
        S.TAGGED,
        S.SWAPPED,
        S.ROLLING_BACK,
        S.UNSWAPPED,
    }
)
"""After these steps the container is still to be started, with the commit in force then."""

MAX_TRIES = 3
"""How often a step is tried that kills its deployer, or the daemon."""


def following(done: ApprovalStep) -> ApprovalStep | None:
    """The next step, or None where there is none."""
    return NEXT.get(done)


def under_way(done: ApprovalStep) -> bool:
    """Whether a row with this step was decided and is not closed."""
    return done in NEXT


def after_refusal(done: ApprovalStep) -> ApprovalStep | None:
    """What counts as done when the step after `done` was refused: the roll-back, or its next step.

    A refusal within the roll-back is noted and skipped: the operator must hear of it, not wait for it. None: the step
    is only tried again.
    """
    following_step = following(done)
    if following_step is None or following_step in ENDS:
        return None
    return S.ROLLING_BACK if done in ROLL_OUT else following_step


def can_be_taken_back(done: ApprovalStep) -> bool:
    """Whether an approved change with this step is neither in force nor being undone."""
    return done is S.QUEUED or (done in ROLL_OUT and following(done) not in {S.RECORDED, S.FINALIZED, None})


def after_crash(done: ApprovalStep, tries: int) -> ApprovalStep | None:
    """What counts as done when the step after `done` was begun `tries` times and never finished; None: try it again."""
    return after_refusal(done) if tries >= MAX_TRIES else None
