"""`hive` with a bug in every component that an agent's requests reach: each raises over a message that holds BUG.

A program: `python -m tests.redteam.fragile_daemon serve …`.
"""

from actors.agent.container.actor import ContainerActor
from actors.broker.actor import BrokerActor
from actors.cli.main import main
from actors.questions.actor import QuestionsActor
from actors.scheduler.actor import SchedulerActor
from actors.telemetry.actor import TelemetryActor

BUG = "nobody-thought-of-this"


def with_bug(component):
    """Break the component's own `handle`."""
    handle = component.handle

    def fragile(self, message):
        if BUG in repr(message):
            raise RuntimeError("a bug that was put in")
        return handle(self, message)

    component.handle = fragile


if __name__ == "__main__":
    for one in (BrokerActor, QuestionsActor, SchedulerActor, TelemetryActor, ContainerActor):
        with_bug(one)
    main()
