"""The triage: which items the operator has put off, and how long each decision was waited for.

Owns the tables `snoozes` and `answered_needs`. Promises: an answered `Snooze` or `Wake` is on disk; an item that was
put off until a moment is shown at that moment, also where the machine slept meanwhile. It never decides what needs
the operator. Emits `needs` when an item is put off or shown again.
"""

import logging
from typing import Any

from actors.events import emit
from actors.store import api as store
from actors.supervision import Actor, Clock, Directory, Promise, Timer
from actors.triage import queries
from actors.triage.messages import Answered, GetSnoozes, Snooze, Tick, Wake
from harness.wire.errors import bad_request, conflict, not_found

log = logging.getLogger(__name__)

WRITE_SECONDS = 30.0
MAX_TIMER_SECONDS = 60.0
"""Timers run on the monotonic clock; a jump of the wall clock or a suspend is noticed within this time."""
MAX_SNOOZES = 2_000


class TriageActor(Actor):
    """Messages are in `messages.py`."""

    def __init__(self, *, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._directory = directory
        self._snoozes: dict[str, Snooze] = {}
        self._timer: Timer | None = None

    def on_start(self) -> None:
        store.write(self._directory, queries.drop_old_snoozes(self.clock.now_ms())).get(timeout=WRITE_SECONDS)
        self._snoozes = {one.key: one for one in store.read(self._directory, queries.snoozes)}
        self._wake_due()

    def state_word(self) -> str:
        return f"{len(self._snoozes)} put off"

    def handle(self, message: object) -> Any:
        match message:
            case GetSnoozes():
                self._wake_due()
                return dict(self._snoozes)
            case Snooze():
                self._put_off(message)
            case Wake(key):
                if key not in self._snoozes:
                    raise not_found(f"{key!r} among what was put off")
                self._wake([key])
            case Answered():
                self._note(message)
            case Tick():
                self._wake_due()
        return None

    def _put_off(self, snooze: Snooze) -> None:
        now_ms = self.clock.now_ms()
        if snooze.until_ms is not None and snooze.until_ms <= now_ms:
            raise bad_request("that moment is over", "put it off until a moment to come, or until it changes")
        if len(self._snoozes) >= MAX_SNOOZES and snooze.key not in self._snoozes:
            raise conflict(f"{MAX_SNOOZES} items are put off already")
        store.write(self._directory, queries.put_off(snooze, now_ms)).get(timeout=WRITE_SECONDS)
        self._snoozes[snooze.key] = snooze
        self._changed()

    def _wake_due(self) -> None:
        now_ms = self.clock.now_ms()
        due = [one.key for one in self._snoozes.values() if one.until_ms is not None and one.until_ms <= now_ms]
        if due:
            self._wake(due)
        else:
            self._arm()

    def _wake(self, keys: list[str]) -> None:
        store.write(self._directory, queries.wake(keys)).get(timeout=WRITE_SECONDS)
        for key in keys:
            del self._snoozes[key]
        self._changed()

    def _changed(self) -> None:
        emit(self._directory, "needs", {"put_off": len(self._snoozes)})
        self._arm()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        moments = [one.until_ms for one in self._snoozes.values() if one.until_ms is not None]
        if moments:
            seconds = max(0.0, (min(moments) - self.clock.now_ms()) / 1000)
            self._timer = self.tell_after(min(seconds, MAX_TIMER_SECONDS), Tick())

    def _note(self, answered: Answered) -> None:
        """Not waited for: the decision itself is on disk already, and a lost figure is no harm."""
        written = store.write(self._directory, queries.note(answered.needs, self.clock.now_ms()))
        written.then(_log_failure)


def _log_failure(done: Promise[None]) -> None:
    if done.error is not None:
        log.warning("decision not counted reason=%s", done.error)
