"""A hive that kills itself at one moment of an approval: `python -m tests.actors.approvals.dying FOLDER ID MOMENT`.

A moment is `before-<step>` or `after-<step>`: right before the step is begun, or when it is done and not noted yet.
Of a decision: before it is written, or when it is written and not answered yet.
"""

import os
import signal
import sys
from pathlib import Path

from actors.approvals.actor import QueueActor
from actors.approvals.deployer import DeployerActor
from actors.approvals.steps import ApprovalStep
from tests.actors.approvals.kit import Office


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def arm(reached):
    """Call `reached(moment)` at every moment of the approvals of this process; nothing else of them changes."""
    perform, report = DeployerActor._perform, DeployerActor._report

    def performing(self, message):
        reached(f"before-{message.step.value}")
        perform(self, message)

    def reporting(self, outcome):
        reached(f"after-{outcome.step.value}" if outcome.refusal is None else "refused")
        report(self, outcome)

    DeployerActor._perform, DeployerActor._report = performing, reporting
    for name, step_of in (
        ("_approve", lambda _: "approved"),
        ("_deny", lambda _: "denied"),
        ("_roll_back", lambda *_: ApprovalStep.ROLLING_BACK.value),
        ("_close", lambda _approval, step: step.value),
    ):
        _around(name, step_of, reached)


def _around(name, step_of, reached):
    inner = getattr(QueueActor, name)

    def outer(self, *args):
        reached(f"before-{step_of(*args)}")
        done = inner(self, *args)
        reached(f"after-{step_of(*args)}")
        return done

    setattr(QueueActor, name, outer)


def main(folder, approval_id, moment):
    arm(lambda reached: die() if reached == moment else None)
    office = Office(Path(folder))
    if office.stored(approval_id).step.value == "filed":
        (office.deny if moment.endswith(("denied", "closed")) else office.approve)(approval_id)
    office.finish(approval_id)
    print("it lived")
    office.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
