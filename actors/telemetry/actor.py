"""Telemetry: what the agents did.

Owns the tables `events`, `turns` and `stats`. Only harnesses' reports add rows and only age drops them: an agent
cannot rewrite its own history. Promises that an event is stored before the operator sees it, and that unknown
shapes are stored and shown. Emits `live` and `turn`.
"""

import json
import logging
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from actors.events import emit_all
from actors.store import api as store
from actors.store.messages import Database
from actors.supervision import Actor, Clock, Directory, Promise, SystemClock
from actors.telemetry import messages as m
from actors.telemetry import queries, turn_log
from actors.telemetry.allowance import BYTES_PER_DAY, Allowance
from actors.telemetry.points import points
from actors.telemetry.rollup import DAY_MS, Rollup
from harness.wire.errors import bad_request
from harness.wire.events import LIVE_EVENT, Note, TurnStats
from harness.wire.times import from_ms, to_ms

logger = logging.getLogger(__name__)

KEEP_DAYS: Mapping[str, int] = {"events": 7, "turns": 90, "stats": 90}
SWEEP_SECONDS = 3_600.0
BATCH = 500
"""Rows dropped in one transaction: writes in the same commit wait a few milliseconds for them."""

MAX_EVENT_BYTES = 256 * 1024
"""A larger event is stored as a note that says so: it would not fit into a frame beside others."""

AHEAD_MS = 60_000
"""How far the clock of a harness may be ahead; a turn that ends later is filed as if it ended then."""

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Swept:
    """To itself: dropping one batch of this table has ended."""

    table: str
    result: Promise[int | None]


@dataclass(frozen=True, slots=True)
class _Stored:
    """To itself: a write has ended. `promise` is the reply to the harness, `announce` shows it to the operator."""

    result: Promise[Any]
    promise: Promise[Any]
    value: Any
    announce: Callable[[], None]


class TelemetryActor(Actor):
    """Messages are in `messages.py`."""

    def __init__(self, *, directory: Directory, clock: Clock | None = None) -> None:
        super().__init__(clock=clock or SystemClock())
        self._directory = directory
        self._next_id = 1
        self._begun: dict[str, int] = {}
        """The event with which the turn under way of an agent began."""
        self._rollups: dict[str, Rollup] = {}
        self._allowances: dict[str, Allowance] = {}

    def on_start(self) -> None:
        now_ms = self.clock.now_ms()
        store.wait_for_writes(self._directory, Database.TELEMETRY)  # of a predecessor that ended before they were done
        self._next_id = store.read(self._directory, queries.last_event_id, Database.TELEMETRY) + 1
        self._begun = store.read(self._directory, queries.begun, Database.TELEMETRY)
        self._rollups = store.read(
            self._directory, lambda connection: queries.rollups(connection, now_ms), Database.TELEMETRY
        )
        self.tell_self(m.Sweep())

    def handle(self, message: Any) -> Any:
        match message:
            case m.Publish(agent, events):
                return self._publish(agent, events)
            case m.TurnEnded(agent, stats):
                return self._turn_ended(agent, stats)
            case m.BeginHistory(agent):
                return self._begin_history(agent)
            case m.Sample(agent, key, value):
                self._sample(agent, key, value)
            case m.GetSummaries():
                return self._summaries()
            case _Stored():
                self._stored(message)
            case m.Sweep():
                for table in KEEP_DAYS:
                    self._sweep(table)
            case _Swept(table, result):
                self._swept(table, result)
        return None

    def _publish(self, agent: str, events: tuple[Mapping[str, Any], ...]) -> Promise[int]:
        now_ms = self.clock.now_ms()
        rows = [row for event in events if (row := self._row(agent, event, now_ms)) is not None]

        def announce() -> None:
            emit_all(self._directory, [("live", queries.live_row(row[:6])) for row in rows])

        return self._write(lambda connection: queries.insert_events(connection, rows), len(rows), announce)

    def _row(self, agent: str, event: Mapping[str, Any], now_ms: int) -> queries.StoredEvent | None:
        """One event as it is stored; one of an unknown shape is kept as it came. None: the agent reports too much."""
        kind, known = UNKNOWN, 0
        payload = json.dumps(event)
        if len(payload) > MAX_EVENT_BYTES:
            event = Note(text=f"an event of {len(payload)} bytes was too large to keep").as_frame()
            payload = json.dumps(event)
        allowance = self._allowances.setdefault(agent, Allowance(at=self.clock.monotonic()))
        if allowance.take(len(payload), self.clock.monotonic()):
            allowance.told = False
        elif allowance.told:
            return None
        else:
            allowance.told = True
            event = Note(text=f"events beyond {BYTES_PER_DAY // 1024**2} MiB a day are not kept").as_frame()
            payload = json.dumps(event)
        id_, self._next_id = self._next_id, self._next_id + 1
        try:
            kind, known = LIVE_EVENT.validate_python(event).kind, 1
        except ValidationError as error:
            logger.warning("unknown live event agent=%s errors=%d", agent, error.error_count())
        if known and kind == "usage":
            self._rollup(agent).usage(event.get("context_tokens"), event.get("context_window"))
        if kind == "turn_start":
            self._begun[agent] = id_
        return (id_, agent, now_ms, kind, known, payload, turn_log.bits(event, known=bool(known)))

    def _turn_ended(self, agent: str, stats: Mapping[str, Any]) -> Promise[None]:
        try:
            turn = TurnStats.model_validate(stats)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise bad_request(f"stats: {where}: {first['msg']}") from None
        # A turn that ends far ahead would be of every day to come.
        ended_at = min(to_ms(turn.ended_at), self.clock.now_ms() + AHEAD_MS)
        turn = turn.model_copy(update={"ended_at": from_ms(ended_at)})
        frame = turn.as_frame()
        rollup = self._rollup(agent)
        found = points(turn, rollup.last_end_ms())
        span = self._span(agent)
        rollup.turn(frame, self.clock.now_ms())

        def announce() -> None:
            logger.info("turn %s", _line(agent, turn))
            emit_all(self._directory, [("turn", {"agent": agent, "stats": frame})])

        return self._write(
            lambda connection: queries.insert_turn(connection, agent, ended_at, frame, found, span=span), None, announce
        )

    def _span(self, agent: str) -> tuple[int, int]:
        """The first and last id of the turn that has just ended; one of its own where none of its events was kept."""
        first = self._begun.pop(agent, None)
        if first is not None:
            return first, self._next_id - 1
        first, self._next_id = self._next_id, self._next_id + 1
        return first, first

    def _begin_history(self, agent: str) -> Promise[None]:
        self._rollups.pop(agent, None)
        self._begun.pop(agent, None)
        self._allowances.pop(agent, None)
        first = self._next_id
        return self._write(lambda connection: queries.begin_history(connection, agent, first), None, _not_announced)

    def _sample(self, agent: str, key: str, value: float) -> None:
        now_ms = self.clock.now_ms()
        self._write(
            lambda connection: queries.insert_points(connection, agent, now_ms, {key: value}), None, _not_announced
        )

    def _summaries(self) -> dict[str, m.Summary]:
        now_ms = self.clock.now_ms()
        return {name: rollup.summary(now_ms) for name, rollup in self._rollups.items()}

    def _rollup(self, agent: str) -> Rollup:
        return self._rollups.setdefault(agent, Rollup())

    def _write(self, unit: Callable[[Any], None], value: Any, announce: Callable[[], None]) -> Promise[Any]:
        """Commit `unit`; the promise of `value`. `announce` runs in the actor when the unit is stored."""
        promise = self.promise()
        result = store.write(self._directory, unit, Database.TELEMETRY)
        result.then(lambda done: self.tell_self(_Stored(done, promise, value, announce)))
        return promise

    def _stored(self, stored: _Stored) -> None:
        error = stored.result.error
        if error is None:
            stored.promise.set(stored.value)
            stored.announce()
        elif getattr(error, "expected", False):
            stored.promise.fail(error)
        else:
            raise error

    def _sweep(self, table: str, after: int = 0) -> None:
        """Drop one batch, of a table with ids from the id `after` on."""
        now_ms = self.clock.now_ms()
        cutoff_ms = now_ms - KEEP_DAYS[table] * DAY_MS

        def unit(connection: sqlite3.Connection) -> int | None:
            if table == "stats":
                return 0 if queries.sweep_points(connection, cutoff_ms, now_ms, BATCH) == BATCH else None
            return queries.sweep_rows(connection, table, cutoff_ms=cutoff_ms, now_ms=now_ms, after=after, batch=BATCH)

        store.write(self._directory, unit, Database.TELEMETRY).then(lambda done: self.tell_self(_Swept(table, done)))

    def _swept(self, table: str, result: Promise[int | None]) -> None:
        """Drop the next batch while there are more; the next sweep is an hour after the largest table is done."""
        if result.error is not None:
            logger.warning("sweep stopped table=%s error=%s", table, result.error)
        elif (after := result.get()) is not None:
            self._sweep(table, after)
            return
        if table == "events":
            self.tell_after(SWEEP_SECONDS, m.Sweep())


def _not_announced() -> None:
    """No line of the operator's stream tells of it."""


def _line(agent: str, turn: TurnStats) -> str:
    """A turn as the tail of a line of the log. The label of who woke it comes from the harness: it is quoted."""
    cost = "-" if turn.cost_usd is None else f"{turn.cost_usd:.4f}"
    return (
        f"agent={agent} from={json.dumps(turn.wake_from or '-')} outcome={turn.outcome.value} "
        f"seconds={turn.duration_ms / 1000:.1f} cost_usd={cost}"
    )
