"""The hive as a service: its status, its heartbeat, and its end in order.

Owns the word to the service manager and the list of what was left behind. The first child of the root, so that it ends
last, when everybody has said what he had to say. Promises: a heartbeat is sent only when the broker and the store
have answered, so a loop that hangs is noticed; `Close` closes the doors first and then stops the tree; the log ends
with what runs on and what was abandoned, by name.
"""

import logging

from actors.broker.api import BROKER
from actors.broker.messages import Drain, GetCounts
from actors.service.messages import (
    Abandoned,
    Answered,
    AskFarewell,
    Close,
    Farewell,
    Kept,
    OnStop,
    Ping,
    Tally,
)
from actors.service.notify import Notifier
from actors.store.api import STORE
from actors.store.messages import Database, Read
from actors.supervision import Actor, Clock, Directory, Down, Exit, ExitKind, Promise, Stop
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)


class ServiceActor(Actor):
    """`on_stop` says what becomes of the agents, `grace_seconds` how long their running turns have."""

    def __init__(
        self, *, notifier: Notifier, on_stop: OnStop, grace_seconds: float, directory: Directory, clock: Clock
    ) -> None:
        super().__init__(clock=clock)
        self._notifier = notifier
        self._fate = on_stop
        self._grace_seconds = grace_seconds
        self._directory = directory
        self._closed_at: float | None = None
        self._status = ""
        self._kept: list[Kept] = []
        self._abandoned: list[Abandoned] = []

    def on_start(self) -> None:
        self._next_ping()

    def on_stop(self) -> None:
        """Everybody else has ended."""
        for one in self._kept:
            log.info("runs on: %s (%s)", one.who, one.what)
        for left in self._abandoned:
            log.warning("abandoned: %s (%s)", left.who, left.what)

    def state_word(self) -> str:
        return "closing" if self._closed_at is not None else "running"

    def handle(self, message: object) -> Farewell | None:
        match message:
            case Close(reason):
                self._close(reason)
            case AskFarewell():
                return self._farewell()
            case Abandoned():
                self._abandoned.append(message)
            case Kept():
                self._kept.append(message)
            case Down(name, exit_reason):
                self._down(name, exit_reason)
            case Tally(agents, running):
                self._say(f"{agents} agent{'' if agents == 1 else 's'}, {running} running")
            case Ping():
                self._ping()
            case Answered():
                self._notifier.send("WATCHDOG=1")
        return None

    # ---- the end ------------------------------------------------------------------------------------

    def _close(self, reason: str) -> None:
        if self._closed_at is not None:
            return
        self._closed_at = self.clock.monotonic()
        log.info("closing reason=%s agents=%s grace_seconds=%s", reason, self._fate.value, self._grace_seconds)
        self._notifier.send("STOPPING=1", f"STATUS=Stopping: {reason}.")
        self._directory.tell(BROKER, Drain())
        for name in self._directory.names():
            if name not in {self.name, self._directory.root}:
                self._directory.monitor(name, self.name)
        self._directory.tell(self._directory.root, Stop(Exit.shutdown(reason)))

    def _farewell(self) -> Farewell | None:
        """The grace period is the same for all and begins with `Close`: whoever is stopped later has less left."""
        if self._closed_at is None:
            return None
        if self._fate is OnStop.KEEP:
            return Farewell()
        used = self.clock.monotonic() - self._closed_at
        return Farewell(ends=True, grace_seconds=max(0.0, self._grace_seconds - used))

    def _down(self, name: str, exit_reason: Exit) -> None:
        if exit_reason.kind is ExitKind.KILLED:
            self._abandoned.append(Abandoned(name, exit_reason.detail))

    # ---- the service manager --------------------------------------------------------------------------

    def _say(self, status: str) -> None:
        if status != self._status and self._closed_at is None:
            self._status = status
            self._notifier.send(f"STATUS={status}")

    def _next_ping(self) -> None:
        if self._notifier.watchdog_seconds is not None:
            self.tell_after(self._notifier.watchdog_seconds / 2, Ping())

    def _ping(self) -> None:
        """Ask without waiting; a refusal is an answer too. While the tree is being repaired there is none."""
        self._next_ping()
        self._directory.ask_later(BROKER, GetCounts()).then(self._broker_answered)

    def _broker_answered(self, answer: Promise[object]) -> None:
        if answer.error is None or isinstance(answer.error, HiveError):
            look = Read(lambda connection: connection.execute("SELECT 1").fetchone(), Database.HIVE)
            self._directory.ask_later(STORE, look).then(self._store_answered)

    def _store_answered(self, answer: Promise[object]) -> None:
        if answer.error is None:
            self.tell_self(Answered())
