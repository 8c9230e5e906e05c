"""The scheduler: owner of the table `reminders` and of the moment when the next one is due.

Promises: a reminder becomes mail in the transaction that marks it sent, so it fires once; never early, and only once
after a suspend or a jump of the clock. One for a moment goes by the wall clock, one after a delay by running time
(docs/time.md). Reminders due together go in order, in batches that leave room for other mail. Emits `reminder`.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.broker import api as broker
from actors.deadlines import Deadline, WallSteps
from actors.events import emit_all
from actors.scheduler import limits, queries
from actors.scheduler.due_queue import DueQueue
from actors.scheduler.messages import Abandon, CancelReminder, GetCounts, Remind, RetryReminder, Tick
from actors.scheduler.overflow import MAIL_BYTES, write_overflow
from actors.scheduler.queries import Pending
from actors.store import api as store
from actors.supervision import Actor, Clock, Directory, SupervisionError, Timer
from harness.wire import names, times
from harness.wire.agent_api import MessageKind, Reminder
from harness.wire.boundary.causes import CauseKind, CauseName
from harness.wire.errors import HiveError, not_found

log = logging.getLogger(__name__)

BATCH = 2
"""Reminders a transaction: few enough that a sender hardly waits behind them."""

BATCH_PAUSE_SECONDS = 0.01
"""Pause between two batches: other mail goes first. Ten thousand reminders due at once take a minute, in which their
agents have no turn for each of them anyway."""

MAX_TIMER_SECONDS = 60.0
"""Timers count running time; a jump of the wall clock or a suspend is noticed within this time."""

MAX_ATTEMPTS = 5
RETRY_MS = 30_000
SHOWN_CHARACTERS = 200
SHOWN_MOVES = 100
"""So many reminders are announced when the clock moves all of them; a page reads the others with its next look."""
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
        self._steps = WallSteps(clock)
        self._unsaved: dict[int, Deadline] = {}
        """Deadlines that moved and are not on disk yet."""
        self._last_id = 0
        self._timer: Timer | None = None

    def on_start(self) -> None:
        self._last_id = store.read(self._directory, queries.last_id)
        self._queue = DueQueue(store.read(self._directory, queries.due(MAX_ATTEMPTS)))
        self._move()
        self._arm()

    def state_word(self) -> str:
        return f"{len(self._queue)} pending"

    def handle(self, message: object) -> Any:
        match message:
            case Remind():
                return self._remind(message)
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
                self._follow_clock()
                self._deliver()
        return None

    def _remind(self, remind: Remind) -> Reminder:
        now, monotonic, agent = self.clock.now_ms(), self.clock.monotonic(), remind.agent
        deadline = self._after(remind.delay_ms) if remind.due_at is None else Deadline(max(remind.due_at, now))
        bucket = self._buckets.get(agent, limits.full(self._limits, monotonic))
        waiting = [one.deadline.left_ms(self.clock) for one in self._queue.of(agent)]
        next_due = min(waiting, default=0) / 1000
        self._buckets[agent] = limits.take(bucket, self._limits, monotonic, len(waiting), next_due)
        pending = Pending(self._last_id + 1, agent, deadline)
        self._write(queries.insert(pending, remind.message, now, remind.cause))
        self._last_id = pending.id
        self._queue.add(pending)
        self._arm()
        due_at, created_at = times.from_ms(deadline.at_ms), times.from_ms(now)
        reminder = Reminder(
            id=pending.id,
            agent=agent,
            message=remind.message,
            due_at=due_at,
            created_at=created_at,
            cause=remind.cause,
        )
        self._changed([reminder])
        return reminder

    def _cancel(self, reminder_id: int, owner: str | None) -> None:
        self._stored(reminder_id, owner)
        self._remove([reminder_id])

    def _retry(self, reminder_id: int) -> None:
        found = self._stored(reminder_id)
        self._queue.add(Pending(found.id, found.agent, self._after(0)))
        self._arm()

    def _stored(self, reminder_id: int, owner: str | None = None) -> Reminder:
        """A reminder that was not sent yet, of `owner` if one is named.

        The database has it also when it is out of attempts.
        """
        found = next(iter(store.read(self._directory, queries.these([reminder_id]))), None)
        if found is None or found.sent_at is not None or owner not in {None, found.agent}:
            hint = "`hive reminders` lists them" if owner is None else "`loose_ends` lists yours"
            raise not_found(f"pending reminder {reminder_id}", hint)
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
        batch = self._queue.take(now, self.clock.running_ms(), BATCH)
        if batch:
            try:
                found = store.read(self._directory, queries.these([one.id for one in batch]))
                self._send([one for one in found if one.sent_at is None], now)
            except (HiveError, SupervisionError) as error:
                # No answer, a disk that refuses, or a scheduler that was killed has sent them: another try reads the
                # rows anew.
                log.warning("reminders wait count=%d error=%s", len(batch), error)
                for one in batch:
                    self._queue.add(Pending(one.id, one.agent, self._after(RETRY_MS)))
        self._arm(BATCH_PAUSE_SECONDS if batch else 0.0)

    def _send(self, batch: list[Reminder], now: int) -> None:
        posts: list[broker.Post] = []
        sent: list[Reminder] = []
        for reminder in batch:
            try:
                body = self._body(reminder)
            except (HiveError, OSError) as error:
                self._failed(reminder, str(error))
                continue
            cause = str(CauseName(CauseKind.REMINDER, reminder.id))
            posts.append(broker.Post(names.REMINDER, reminder.agent, body, MessageKind.REMINDER, cause=cause))
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

    def _failed(self, reminder: Reminder, error: str) -> None:
        """Note a failed attempt. After the last one the reminder stays, with its error, until the operator decides."""
        tries = reminder.attempts + 1
        deadline = self._after(RETRY_MS * 2**tries)
        self._write(queries.mark_failed(reminder.id, error, deadline))
        if tries < MAX_ATTEMPTS:
            self._queue.add(Pending(reminder.id, reminder.agent, deadline))
        self._changed([reminder.model_copy(update={"attempts": tries, "last_error": error})])

    # ---- time -----------------------------------------------------------------------------------

    def _after(self, duration_ms: int) -> Deadline:
        return Deadline.after(duration_ms, self.clock)

    def _follow_clock(self) -> None:
        """After a step of the wall clock, show the moments at which durations end now."""
        step = self._steps.step_ms()
        if step or self._unsaved:
            self._move()
            self._steps.taken(step)

    def _move(self) -> None:
        """Take up the durations that an earlier daemon, or the clock of a moment ago, has left.

        While the disk refuses, only what is shown is behind: what counts is in memory, and computed anew at a start.
        """
        for one in self._queue.durations():
            if (deadline := one.deadline.resumed(self.clock)) is not one.deadline:
                self._queue.add(Pending(one.id, one.agent, deadline))
                self._unsaved[one.id] = deadline
        if not self._unsaved:
            return
        try:
            self._write(queries.move(list(self._unsaved.items())))
        except (HiveError, SupervisionError) as error:
            log.warning("reminders not moved count=%d error=%s", len(self._unsaved), error)
            return
        moved, self._unsaved = list(self._unsaved), {}
        self._changed(store.read(self._directory, queries.these(moved[:SHOWN_MOVES])))

    def _arm(self, least: float = 0.0) -> None:
        """Set the one timer, to the next due moment, within `MAX_TIMER_SECONDS` and not before `least` seconds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        left_ms = self._queue.left_ms(self.clock.now_ms(), self.clock.running_ms())
        if left_ms is not None:
            seconds = max(least, left_ms / 1000)
            self._timer = self.tell_after(min(seconds, MAX_TIMER_SECONDS), Tick())
