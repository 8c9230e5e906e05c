"""A hive that dies by its own hand at one moment of an approval: `python -m tests.actors.approvals.dying FOLDER ID MOMENT`.

A moment is `before-<step>` or `after-<step>`: right before the step is begun, or when it is done and nobody has noted it.
"""

import os
import signal
import sys
from pathlib import Path

from actors.approvals.actor import QueueActor
from actors.approvals.carrier import CarrierActor
from tests.actors.approvals.kit import Office


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def arm(moment):
    when, _, step = moment.partition("-")
    perform, tell, close = CarrierActor._perform, CarrierActor._tell, QueueActor._close

    def performing(self, message):
        if when == "before" and message.step == step:
            die()
        perform(self, message)

    def telling(self, outcome):
        if when == "after" and outcome.step == step:
            die()
        tell(self, outcome)

    def closing(self, approval, closing_step):
        if when == "before" and closing_step == step:
            die()
        close(self, approval, closing_step)
        if when == "after" and closing_step == step:
            die()

    CarrierActor._perform, CarrierActor._tell, QueueActor._close = performing, telling, closing


def main(folder, approval_id, moment):
    arm(moment)
    office = Office(Path(folder))
    if office.stored(approval_id).step.value == "filed":
        (office.deny if moment.endswith("closed") else office.approve)(approval_id)
    office.finish(approval_id, 60)
    print("it lived")
    office.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
