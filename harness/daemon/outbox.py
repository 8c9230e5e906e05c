"""Live events and turn statistics on their way to the daemon: in order, bounded, kept while the daemon is away.

Owns `outbox.jsonl` among the harness's files. Waiting entries are in memory. They are saved to the file when the daemon
does not take them and when the harness ends, and read at the next start. Delivery is at least once.
"""

import asyncio
import contextlib
import json
import logging
from collections import deque
from typing import Any

from pydantic import ValidationError

from harness.daemon.client import DaemonClient
from harness.daemon.reconnect import reconnect_delay
from harness.storage import Storage, put_aside
from harness.wire.agent_api import Publish, PublishReply, TurnEnded
from harness.wire.boundary.frame import MAX_DEPTH, shown
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.events import Note, TurnStats
from harness.wire.model import Done, Record

log = logging.getLogger(__name__)

MAX_WAITING_BYTES = 8 * 1024 * 1024
"""Beyond this the oldest entries are dropped; a note says how many."""

MAX_BATCH_BYTES = 256 * 1024
MAX_BATCH_EVENTS = 500

FRAME_DEPTH = 1
"""How much deeper an event stands in the frame of a `publish` than in its entry here."""

_PERMANENT = frozenset({ErrorCode.BAD_REQUEST, ErrorCode.TOO_LARGE, ErrorCode.FORBIDDEN, ErrorCode.UNKNOWN_COMMAND})
"""Errors that the same entries would meet at every attempt: the entries are dropped."""


class Outbox:
    """Accepts entries without waiting; `run` delivers them."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._dropped = 0
        self._saved = False
        self._not_empty = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._load()

    def add_event(self, event: Record) -> None:
        """Queue a live event."""
        self._add({"event": event.as_frame()})

    def add_stats(self, stats: Record) -> None:
        """Queue the statistics of a turn."""
        self._add({"stats": stats.as_frame()})

    async def flushed(self) -> None:
        """Return when the daemon has taken every entry."""
        await self._empty.wait()

    async def run(self, client: DaemonClient) -> None:
        """Deliver without end."""
        attempt = 0
        while True:
            await self._not_empty.wait()
            batch, reported = self._next_batch(), self._dropped
            try:
                await _deliver(client, batch)
            except HiveError as error:
                if error.code not in _PERMANENT:
                    self.save()
                    await asyncio.sleep(error.retry_after_seconds or reconnect_delay(attempt))
                    attempt += 1
                    continue
                log.warning("the daemon refuses %d events: %s", len(batch), error.message)
            attempt = 0
            self._remove(len(batch), reported)

    def save(self) -> None:
        """Write the waiting entries to the file, for the next start."""
        if not self._waiting and not self._saved:
            return
        self._storage.save("".join(f"{line}\n" for line in self._waiting).encode())
        self._saved = bool(self._waiting)

    def _add(self, entry: dict[str, Any]) -> None:
        # What Claude prints can have more depth or longer numbers than the daemon takes.
        line = json.dumps(shown(entry, MAX_DEPTH - FRAME_DEPTH))  # ASCII: its length is its bytes
        if len(line) > MAX_BATCH_BYTES:
            line = json.dumps({"event": Note(text=f"an event of {len(line)} characters was left out").as_frame()})
        self._waiting.append(line)
        self._bytes += len(line)
        while self._bytes > MAX_WAITING_BYTES:
            self._bytes -= len(self._waiting.popleft())
            self._dropped += 1
        self._empty.clear()
        self._not_empty.set()

    def _next_batch(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        size = 0
        for line in self._waiting:
            size += len(line)
            if batch and (size > MAX_BATCH_BYTES or len(batch) >= MAX_BATCH_EVENTS):
                break
            batch.append(json.loads(line))
        if self._dropped:
            note = Note(text=f"{self._dropped} older events were dropped: the hive did not take them in time")
            batch[0] = {"dropped": note.as_frame(), **batch[0]}
        return batch

    def _remove(self, delivered: int, reported: int) -> None:
        """Forget the `delivered` oldest entries and the `reported` drops.

        Entries of the batch that were dropped while it was under way are delivered and no longer waiting.
        """
        dropped_meanwhile = self._dropped - reported
        dropped_of_batch = min(delivered, dropped_meanwhile)
        for _ in range(delivered - dropped_of_batch):
            self._bytes -= len(self._waiting.popleft())
        self._dropped = dropped_meanwhile - dropped_of_batch
        if not self._waiting:
            self._not_empty.clear()
            self._empty.set()
            if self._saved:
                self.save()

    def _load(self) -> None:
        """Take up what the file holds. A damaged one is put aside as it is; what can be read of it is delivered."""
        try:
            content = self._storage.load()
        except OSError as error:
            self.add_event(Note(text=f"outbox.jsonl was damaged: {put_aside(self._storage, error)}"))
            return
        if content is None:
            return
        self._saved = True
        *lines, rest = content.split(b"\n")
        damaged: list[Exception] = []
        for line in [*lines, *([rest] if rest else [])]:
            try:
                self._add(_entry(line))
            except (ValueError, RecursionError) as error:
                damaged.append(error)
        if not damaged:
            return
        what = put_aside(self._storage, damaged[0])
        self.add_event(Note(text=f"outbox.jsonl was damaged in {len(damaged)} of its lines: {what}"))
        with contextlib.suppress(OSError):  # a full disk: what is waiting is in memory
            self.save()


def _entry(line: bytes) -> dict[str, Any]:
    """A line of the file as an entry. ValueError when it is none: delivering it would fail again and again."""
    entry = json.loads(line)
    if not isinstance(entry, dict) or not isinstance(entry.get("event", entry.get("stats")), dict):
        raise ValueError("a line holds neither an event nor figures of a turn")  # noqa: TRY004 — damage, not a mistake
    return entry


async def _deliver(client: DaemonClient, batch: list[dict[str, Any]]) -> None:
    events: list[dict[str, Any]] = []
    for entry in batch:
        if "dropped" in entry:
            events.append(entry["dropped"])
        if "event" in entry:
            events.append(entry["event"])
            continue
        if events:
            await client.call(Publish(events=events), PublishReply)
            events = []
        try:
            stats = TurnStats.model_validate(entry["stats"])
        except ValidationError as error:  # the file of an earlier version
            log.warning("the figures of a turn are left out: %s", error)
            continue
        await client.call(TurnEnded(stats=stats), Done)
    if events:
        await client.call(Publish(events=events), PublishReply)
