"""The service actor: hive's status, its heartbeat, and its orderly end.

Owns the messages to the service manager and the list of what was left behind. It is the first child of the root, so
that it ends last, after every actor that adds to that list. Promises: a heartbeat is sent only when the broker and the
store have answered, so a loop that hangs is noticed; `Close` first stops the leases of mail and then the tree; the log
ends with what runs on and what was abandoned, by name.
"""

import logging

from actors.broker.api import BROKER
from actors.broker.messages import Drain, GetCounts
from actors.service.messages import (
    Abandoned,
    Close,
    GetStopPolicy,
    Kept,
    OnStop,
    Ping,
    PingAnswered,
    StopPolicy,
    Tally,
)
from actors.service.systemd import Notifier
from actors.store import api as store
from actors.supervision import Actor, Clock, Directory, Down, Exit, ExitKind, Promise, Stop
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)


class ServiceActor(Actor):
    """`on_stop` says what happens to the containers, `grace_seconds` how long running turns may go on."""

    def __init__(
        self, *, notifier: Notifier, on_stop: OnStop, grace_seconds: float, directory: Directory, clock: Clock
    ) -> None:
        super().__init__(clock=clock)
        self._notifier = notifier
        self._containers = on_stop
        self._grace_seconds = grace_seconds
        self._directory = directory
        self._closed_at: float | None = None
        self._status = ""
        self._kept: list[Kept] = []
        self._abandoned: list[Abandoned] = []

    def on_start(self) -> None:
        self._next_ping()

    def on_stop(self) -> None:
        """Log what was left behind: every other actor has ended."""
        for kept in self._kept:
            log.info("runs on: %s (%s)", kept.name, kept.activity)
        for abandoned in self._abandoned:
            log.warning("abandoned: %s (%s)", abandoned.name, abandoned.activity)

    def state_word(self) -> str:
        return "closing" if self._closed_at is not None else "running"

    def handle(self, message: object) -> StopPolicy | None:
        match message:
            case Close(reason):
                self._close(reason)
            case GetStopPolicy():
                return self._stop_policy()
            case Abandoned():
                self._abandoned.append(message)
            case Kept():
                self._kept.append(message)
            case Down(name, exit_reason):
                self._down(name, exit_reason)
            case Tally(agents, running):
                self._set_status(f"{agents} agent{'' if agents == 1 else 's'}, {running} running")
            case Ping():
                self._ping()
            case PingAnswered():
                self._notifier.send("WATCHDOG=1")
        return None

    # ---- the end ------------------------------------------------------------------------------------

    def _close(self, reason: str) -> None:
        if self._closed_at is not None:
            return
        self._closed_at = self.clock.monotonic()
        log.info("closing reason=%s agents=%s grace_seconds=%s", reason, self._containers.value, self._grace_seconds)
        self._notifier.send("STOPPING=1", f"STATUS=Stopping: {reason}.")
        self._directory.tell(BROKER, Drain())
        for name in self._directory.names():
            if name not in {self.name, self._directory.root}:
                self._directory.monitor(name, self.name)
        self._directory.tell(self._directory.root, Stop(Exit.shutdown(reason)))

    def _stop_policy(self) -> StopPolicy | None:
        """The grace period is one for all and begins with `Close`: a container that stops later has less left."""
        if self._closed_at is None:
            return None
        if self._containers is OnStop.KEEP:
            return StopPolicy()
        used = self.clock.monotonic() - self._closed_at
        return StopPolicy(ends=True, grace_seconds=max(0.0, self._grace_seconds - used))

    def _down(self, name: str, exit_reason: Exit) -> None:
        if exit_reason.kind is ExitKind.KILLED:
            self._abandoned.append(Abandoned(name, exit_reason.detail))

    # ---- the service manager --------------------------------------------------------------------------

    def _set_status(self, status: str) -> None:
        if status != self._status and self._closed_at is None:
            self._status = status
            self._notifier.send(f"STATUS={status}")

    def _next_ping(self) -> None:
        if self._notifier.watchdog_seconds is not None:
            self.tell_after(self._notifier.watchdog_seconds / 2, Ping())

    def _ping(self) -> None:
        """Ask broker and store without waiting; a refusal is an answer too. One that is being restarted gives none."""
        self._next_ping()
        self._directory.ask_later(BROKER, GetCounts()).then(self._broker_answered)

    def _broker_answered(self, answer: Promise[object]) -> None:
        if answer.error is None or isinstance(answer.error, HiveError):
            store.ping(self._directory).then(self._store_answered)

    def _store_answered(self, answer: Promise[object]) -> None:
        if answer.error is None:
            self.tell_self(PingAnswered())
