"""The crash watch: monitors every container's actor and tells the manager of ends nobody asked for.

Owns nothing but its monitors. Promises: one `container_crash` per crash, with the exit status and the last lines of
the log; none for an end that was asked for, which ends no actor; none made up after a restart of the
daemon or of this actor, which only place the monitors again. Emits `notice`.
"""

import logging

from actors.agent.actor import ContainerCrashed
from actors.broker import api as broker
from actors.crashwatch.detect import RULES, classify, sentence
from actors.crashwatch.messages import Watch
from actors.gateway.events import emit
from actors.supervision import Actor, Clock, Directory, Down, Exit, ExitKind
from harness.wire import names
from harness.wire.agent_api import MessageKind
from harness.wire.errors import HiveError
from harness.wire.events import ContainerCrash

log = logging.getLogger(__name__)

FLOOR, ROOM = "agents", "container"
RETRY_SECONDS = 1.0
CRASHWATCH = "crashwatch"


class CrashwatchActor(Actor):
    """Sees containers end."""

    def __init__(self, *, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._directory = directory

    def on_start(self) -> None:
        for name in self._directory.names():
            if _agent_of(name) is not None:
                self._directory.monitor(name, CRASHWATCH)

    def handle(self, message: object) -> None:
        match message:
            case Watch(agent):
                self._directory.monitor(f"{FLOOR}/{agent}/{ROOM}", CRASHWATCH)
            case Down(name, exit_):
                self._down(name, exit_)
            case ContainerCrash():
                self._report(message)

    def _down(self, name: str, exit_: Exit) -> None:
        agent = _agent_of(name)
        if agent is None or exit_.orderly or exit_.kind is ExitKind.NOT_RUNNING:
            return
        error = exit_.error
        if not isinstance(error, ContainerCrashed):
            return  # the actor failed, not its container, which runs on and is adopted by the next one
        kind = classify(
            expected=False,
            started=True,
            exit_status=error.exit_status,
            out_of_memory=error.out_of_memory,
        )
        if RULES[kind].report:
            self._report(
                ContainerCrash(
                    agent=names.broker_name(agent),
                    note=sentence(kind, error.exit_status),
                    exit_status=error.exit_status,
                    log_tail=error.log_tail,
                )
            )

    def _report(self, event: ContainerCrash) -> None:
        """Tell the manager; while the database can not be written, again and again."""
        try:
            post = broker.Post(names.SYSTEM, names.MANAGER, event.model_dump_json(), MessageKind.EVENT)
            broker.post(self._directory, [post])
        except HiveError as error:
            log.warning("crash not reported yet agent=%s error=%s", event.agent, error)
            self.tell_after(RETRY_SECONDS, event)
            return
        log.error("container crashed agent=%s note=%s", event.agent, event.note)
        emit(self._directory, "notice", {"level": "error", "text": f"{event.agent} {event.note}", "agent": event.agent})


def _agent_of(name: str) -> str | None:
    """The agent whose container actor has this name."""
    parts = name.split("/")
    return parts[1] if len(parts) == 3 and parts[0] == FLOOR and parts[2] == ROOM else None
