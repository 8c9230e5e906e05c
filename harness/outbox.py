"""Live events and turn figures on their way to the host: in order, kept while it is away, bounded.

Owns `outbox.jsonl` in the harness directory. What waits is in memory; it is written down when the host does not take
it and when the harness ends, and read back at the next start. Delivery is at least once.
"""

import asyncio
import json
import logging
from collections import deque
from pathlib import Path
from typing import Any

from harness.client import HiveClient
from harness.turn import reconnect_pause
from harness.wire.agent_api import Publish, PublishReply, TurnEnded
from harness.wire.errors import ErrorCode, HiveError
from harness.wire.events import Note
from harness.wire.model import Done, Record

log = logging.getLogger(__name__)

MAX_WAITING_BYTES = 8 * 1024 * 1024
"""Beyond this the oldest go; a note tells how many."""

MAX_BATCH_BYTES = 256 * 1024
MAX_BATCH_EVENTS = 500

_FINAL = frozenset({ErrorCode.BAD_REQUEST, ErrorCode.TOO_LARGE, ErrorCode.FORBIDDEN, ErrorCode.UNKNOWN_COMMAND})
"""Answers after which the same entry would fail for ever: it is dropped."""


class Outbox:
    """Takes entries without ever blocking; `run` delivers them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._dropped = 0
        self._written = False
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._empty.set()
        self._read_back()

    def event(self, event: Record) -> None:
        """Queue a live event."""
        self._add({"event": event.as_frame()})

    def stats(self, stats: Record) -> None:
        """Queue the figures of a turn."""
        self._add({"stats": stats.as_frame()})

    @property
    def waiting(self) -> int:
        """Entries not yet taken by the host."""
        return len(self._waiting)

    async def flushed(self) -> None:
        """Returns when nothing waits."""
        await self._empty.wait()

    async def run(self, client: HiveClient) -> None:
        """Deliver for ever."""
        attempt = 0
        while True:
            await self._wake.wait()
            batch = self._batch()
            try:
                await _deliver(client, batch)
            except HiveError as error:
                if error.code not in _FINAL:
                    self.write_down()
                    await asyncio.sleep(reconnect_pause(attempt))
                    attempt += 1
                    continue
                log.warning("the host refuses %d events: %s", len(batch), error.message)
            attempt = 0
            self._remove(len(batch))

    def write_down(self) -> None:
        """Put what waits on disk, for the next start."""
        if not self._waiting and not self._written:
            return
        part = self._path.with_suffix(".part")
        part.write_text("".join(f"{line}\n" for line in self._waiting), encoding="utf-8")
        part.replace(self._path)
        self._written = bool(self._waiting)

    def _add(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry)  # ASCII: its length is its bytes
        if len(line) > MAX_BATCH_BYTES:
            line = json.dumps({"event": Note(text=f"an event of {len(line)} characters was left out").as_frame()})
        self._waiting.append(line)
        self._bytes += len(line)
        while self._bytes > MAX_WAITING_BYTES:
            self._bytes -= len(self._waiting.popleft())
            self._dropped += 1
        self._empty.clear()
        self._wake.set()

    def _batch(self) -> list[dict[str, Any]]:
        batch: list[dict[str, Any]] = []
        size = 0
        for line in self._waiting:
            size += len(line)
            if batch and (size > MAX_BATCH_BYTES or len(batch) >= MAX_BATCH_EVENTS):
                break
            batch.append(json.loads(line))
        if self._dropped:
            note = Note(text=f"{self._dropped} older events were dropped while the hive was away")
            batch[0] = {"lost": note.as_frame(), **batch[0]}
        return batch

    def _remove(self, number: int) -> None:
        for _ in range(min(number, len(self._waiting))):
            self._bytes -= len(self._waiting.popleft())
        self._dropped = 0
        if not self._waiting:
            self._wake.clear()
            self._empty.set()
            if self._written:
                self.write_down()

    def _read_back(self) -> None:
        if not self._path.exists():
            return
        for line in self._path.read_text(encoding="utf-8").splitlines():
            try:
                self._add(json.loads(line))
            except ValueError:
                self._dropped += 1  # a line cut off by a crash
        self._written = True


async def _deliver(client: HiveClient, batch: list[dict[str, Any]]) -> None:
    events: list[dict[str, Any]] = []
    for entry in batch:
        if "lost" in entry:
            events.append(entry["lost"])
        if "event" in entry:
            events.append(entry["event"])
            continue
        if events:
            await client.call(Publish(events=events), PublishReply)
            events = []
        await client.call(TurnEnded(stats=entry["stats"]), Done)
    if events:
        await client.call(Publish(events=events), PublishReply)
