"""How an approval is carried out: every step by name, what follows it, and what follows when it fails. Pure.

A row holds the last step that was done. Each step may be done again after it was cut off anywhere, so whoever finds
a row that is under way just does the next one. From `approved` the way goes forth to `finalized`; a refusal on it
turns it onto the way back, which ends in `failed` with everything as it was before.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise


class Step(StrEnum):
    """What has been done last."""

    FILED = "filed"
    """Waiting for the operator."""
    APPROVED = "approved"
    """Decided; nothing is touched yet."""
    TAGGED = "tagged"
    """Tags approved and building are set; what was before is noted in the row."""
    SWAPPED = "swapped"
    """Branch, files and the roster's row name the new commit."""
    REBUILT = "rebuilt"
    """The container was started with it, if it is wanted at all."""
    HEALTHY = "healthy"
    """Its harness has asked for mail."""
    RECORDED = "recorded"
    """Tag deployed is set and the history of the swarm has the commit."""
    FINALIZED = "finalized"
    """The row is closed and everybody was told."""

    TURNED = "turned"
    """It will not be; nothing is undone yet. The row holds the reason."""
    UNSWAPPED = "unswapped"
    """Branch, files and the roster's row name the old commit; tag deployed is gone."""
    RESTORED = "restored"
    """The container runs what it ran before, or is gone if there was none."""
    REFUSED = "refused"
    """Tag failed holds the reason."""
    FAILED = "failed"
    """The row is closed and everybody was told."""

    DENIED = "denied"
    """Decided against, and told; the tag is still to be set."""
    CLOSED = "closed"
    """Nothing is left to do."""


FORTH = (
    Step.APPROVED, Step.TAGGED, Step.SWAPPED, Step.REBUILT, Step.HEALTHY, Step.RECORDED, Step.FINALIZED,
)  # fmt: skip
BACK = (Step.TURNED, Step.UNSWAPPED, Step.RESTORED, Step.REFUSED, Step.FAILED)

NEXT: Mapping[Step, Step] = {
    **dict(pairwise(FORTH)),
    **dict(pairwise(BACK)),
    Step.DENIED: Step.CLOSED,
}
"""What is done after what. A step that is not in here is an end, or waits for somebody."""

BEFORE_REBUILD = frozenset({Step.APPROVED, Step.TAGGED, Step.SWAPPED, Step.TURNED, Step.UNSWAPPED})
"""After these the container is still to be started, with what is in force then."""

MAX_TRIES = 3
"""How often one step is tried when whoever does it dies over it."""


def following(done: Step) -> Step | None:
    """The next step, or None where there is none."""
    return NEXT.get(done)


def under_way(done: Step) -> bool:
    """Whether a row with this step is somebody's work."""
    return done in NEXT


def after_refusal(done: Step) -> Step | None:
    """What counts as done when the step after `done` was refused: the way back, or one further on it.

    On the way back a refusal is noted and the way goes on: the operator must hear of it, not wait for it. None:
    the step is only tried again.
    """
    following_step = following(done)
    if following_step in {None, Step.FINALIZED, Step.FAILED, Step.CLOSED}:
        return None
    return Step.TURNED if done in FORTH else following_step


def after_crash(done: Step, tries: int) -> Step | None:
    """The same when whoever did it died over it `tries` times; None: it is tried again."""
    return after_refusal(done) if tries >= MAX_TRIES else None
