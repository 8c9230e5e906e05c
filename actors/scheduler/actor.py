"""The scheduler: owner of the table `reminders` and of the moment when the next one is due.

Promises: a reminder becomes mail in the transaction that marks it sent, so it fires once; never early, and only once
after a suspend or a jump of the clock; reminders due together go in order, in batches that leave room for other mail.
Emits `reminder`.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.broker import api as broker
from actors.events import emit_all
from actors.scheduler import limits, queries
from actors.scheduler.due_queue import DueQueue
from actors.scheduler.messages import Abandon, CancelReminder, GetCounts, Remind, RetryReminder, Tick
from actors.scheduler.overflow import MAIL_BYTES, write_overflow
from actors.scheduler.queries import Due
from actors.store import api as store
from actors.supervision import Actor, Clock, Directory, SupervisionError, Timer
from harness.wire import names, times
from harness.wire.agent_api import MessageKind, Reminder
from harness.wire.errors import HiveError, not_found

log = logging.getLogger(__name__)

BATCH = 2
"""Reminders a transaction: few enough that a sender hardly waits behind them."""

BATCH_PAUSE_SECONDS = 0.01
"""Pause between two batches: other mail goes first. Ten thousand reminders due at once take a minute, in which their
agents have no turn for each of them anyway."""

MAX_TIMER_SECONDS = 60.0
"""Timers run on the monotonic clock; a jump of the wall clock or a suspend is noticed within this time."""

MAX_ATTEMPTS = 5
RETRY_MS = 30_000
SHOWN_CHARACTERS = 200
STORE_SECONDS = 30.0

StateDir = Callable[[str], Path | None]
"""The state folder of an agent, by broker name; None for a peer, which has none here. HiveError: no such agent."""


class SchedulerActor(Actor):
    """Keeps reminders and delivers them."""

    def __init__(self, *, directory: Directory, clock: Clock, state_dir: StateDir) -> None:
        super().__init__(clock=clock)
        self._directory = directory
        self._state_dir = state_dir
        self._limits = limits.Limits()
        self._buckets: dict[str, limits.Bucket] = {}
        self._queue = DueQueue()
        self._last_id = 0
        self._timer: Timer | None = None

    def on_start(self) -> None:
        self._last_id = store.read(self._directory, queries.last_id)
        self._queue = DueQueue(store.read(self._directory, queries.due(MAX_ATTEMPTS)))
        self._arm()

    def state_word(self) -> str:
        return f"{len(self._queue)} pending"

    def handle(self, message: object) -> Any:
        match message:
            case Remind(agent, text, due_at):
                return self._remind(agent, text, due_at)
            case CancelReminder(reminder_id, owner):
                self._cancel(reminder_id, owner)
            case RetryReminder(reminder_id):
                self._retry(reminder_id)
            case Abandon(agent):
                # In the database are also those that are out of attempts: a later owner of the name must not get them.
                self._remove([one.id for one in store.read(self._directory, queries.of(agent))])
            case GetCounts():
                return self._queue.counts()
            case Tick():
                self._deliver()
        return None

    def _remind(self, agent: str, text: str, due_at: int) -> Reminder:
        now, monotonic = self.clock.now_ms(), self.clock.monotonic()
        bucket = self._buckets.get(agent, limits.full(self._limits, monotonic))
        waiting = [due.due_at for due in self._queue.of(agent)]
        next_due = (min(waiting, default=now) - now) / 1000
        self._buckets[agent] = limits.take(bucket, self._limits, monotonic, len(waiting), next_due)
        due = Due(max(due_at, now), self._last_id + 1, agent)
        self._write(queries.insert(due, text, now))
        self._last_id = due.id
        self._queue.add(due)
        self._arm()
        at = times.from_ms
        reminder = Reminder(id=due.id, agent=agent, message=text, due_at=at(due.due_at), created_at=at(now))
        self._changed([reminder])
        return reminder

    def _cancel(self, reminder_id: int, owner: str | None) -> None:
        found = self._stored(reminder_id)
        if owner not in {None, found.agent}:
            raise not_found(f"pending reminder {reminder_id}")
        self._remove([reminder_id])

    def _retry(self, reminder_id: int) -> None:
        found = self._stored(reminder_id)
        self._queue.add(Due(self.clock.now_ms(), found.id, found.agent))
        self._arm()

    def _stored(self, reminder_id: int) -> Reminder:
        """A reminder that was not sent yet. The database has it also when it is out of attempts."""
        found = next(iter(store.read(self._directory, queries.these([reminder_id]))), None)
        if found is None or found.sent_at is not None:
            raise not_found(f"pending reminder {reminder_id}")
        return found

    def _remove(self, ids: list[int]) -> None:
        if not ids:
            return
        self._write(queries.delete(ids))
        for one in ids:
            self._queue.remove(one)
        emit_all(self._directory, [("reminder", {"id": one, "cancelled": True}) for one in ids])
        self._arm()

    def _write(self, unit: queries.Unit) -> None:
        store.write(self._directory, unit).get(timeout=STORE_SECONDS)

    def _changed(self, reminders: list[Reminder]) -> None:
        emit_all(self._directory, [("reminder", one.as_frame()) for one in reminders])

    # ---- delivery -------------------------------------------------------------------------------

    def _deliver(self) -> None:
        now = self.clock.now_ms()
        batch = self._queue.take(now, BATCH)
        if batch:
            try:
                found = store.read(self._directory, queries.these([due.id for due in batch]))
                self._send([one for one in found if one.sent_at is None], now)
            except (HiveError, SupervisionError) as error:
                # No answer, a disk that refuses, or a scheduler that was killed has sent them: another try reads the
                # rows anew.
                log.warning("reminders wait count=%d error=%s", len(batch), error)
                for due in batch:
                    self._queue.add(Due(now + RETRY_MS, due.id, due.agent))
        self._arm(BATCH_PAUSE_SECONDS if batch else 0.0)

    def _send(self, batch: list[Reminder], now: int) -> None:
        posts: list[broker.Post] = []
        sent: list[Reminder] = []
        for reminder in batch:
            try:
                body = self._body(reminder)
            except (HiveError, OSError) as error:
                self._failed(reminder, str(error), now)
                continue
            posts.append(broker.Post(names.REMINDER, reminder.agent, body, MessageKind.REMINDER))
            sent.append(reminder)
        if posts:
            broker.post(self._directory, posts, extra_write=queries.mark_sent([one.id for one in sent], now))
        done = {"sent_at": times.from_ms(now), "last_error": None}
        self._changed([one.model_copy(update=done | {"attempts": one.attempts + 1}) for one in sent])

    def _body(self, reminder: Reminder) -> str:
        if len(reminder.message.encode()) <= MAIL_BYTES:
            return reminder.message
        folder = self._state_dir(reminder.agent)
        if folder is None:
            return reminder.message
        path = write_overflow(folder, reminder.id, reminder.message)
        return f"{reminder.message[:SHOWN_CHARACTERS]}…\n\nThe whole text is in {path} in your state folder."

    def _failed(self, reminder: Reminder, error: str, now: int) -> None:
        """Note a failed attempt. After the last one the reminder stays, with its error, until the operator decides."""
        tries = reminder.attempts + 1
        due_at = now + RETRY_MS * 2**tries
        self._write(queries.mark_failed(reminder.id, error, due_at))
        if tries < MAX_ATTEMPTS:
            self._queue.add(Due(due_at, reminder.id, reminder.agent))
        self._changed([reminder.model_copy(update={"attempts": tries, "last_error": error})])

    # ---- timers ---------------------------------------------------------------------------------

    def _arm(self, least: float = 0.0) -> None:
        """Set the one timer, to the next due moment, within `MAX_TIMER_SECONDS` and not before `least` seconds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        first = self._queue.first_at()
        if first is not None:
            seconds = max(least, (first - self.clock.now_ms()) / 1000)
            self._timer = self.tell_after(min(seconds, MAX_TIMER_SECONDS), Tick())
