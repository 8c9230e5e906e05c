"""From the requests that have gathered to one plan."""

from collections import deque
from typing import NamedTuple

from actors.broker.plan import CommitPlan, PlanStep
from actors.supervision import ORIGIN, Origin


class Gathered(NamedTuple):
    """A request that waits for the next plan. `alone`: it makes a plan of its own, since part of it may fail."""

    step: PlanStep
    alone: bool
    origin: Origin | None


def take_into(plan: CommitPlan, gathered: deque[Gathered]) -> None:
    """Move every request up to the next that makes a plan of its own into the plan."""
    present = before = ORIGIN.get()
    while gathered:
        step, alone, origin = gathered[0]
        if alone and not plan.is_untouched():
            break
        gathered.popleft()
        if origin is not present:  # a crash in this step is caused by its client, not by the first of the plan
            ORIGIN.set(present := origin)
        plan.origins.add(origin)
        step(plan)
        if alone:
            break
    ORIGIN.set(before)
