"""Events on their way to the daemon: in order, kept while it is away, bounded."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from harness.daemon import outbox as module
from harness.daemon.client import DaemonClient
from harness.daemon.outbox import MAX_BATCH_EVENTS, Outbox
from harness.wire import framing
from harness.wire.agent_api import AGENT_VERBS, Publish
from harness.wire.errors import HiveError
from harness.wire.events import Note, Stream, TurnStats
from harness.wire.parse import parse_request
from tests.harness.fake_daemon import NOW
from tests.harness.outside import FileStorage
from tests.waiting import SECONDS


@pytest.fixture
def path(tmp_path):
    return tmp_path / "outbox.jsonl"


def stats(number):
    return TurnStats(started_at=NOW, ended_at=NOW, duration_ms=number, outcome="ok", cold=False)


@asynccontextmanager
async def delivering(outbox, client):
    running = asyncio.create_task(outbox.run(client))
    try:
        yield
    finally:
        running.cancel()
        await asyncio.wait({running})
        await client.close()


async def flush(outbox, daemon):
    async with delivering(outbox, DaemonClient(daemon.path)):
        await asyncio.wait_for(outbox.flushed(), SECONDS)


def test_events_wait_for_a_daemon_that_is_away_in_order_and_over_a_restart(daemon, path):
    daemon.stop()

    async def away():
        outbox = Outbox(FileStorage(path))
        outbox.add_event(Note(text="first"))
        outbox.add_stats(stats(1))
        async with delivering(outbox, DaemonClient(daemon.path)):
            await asyncio.sleep(0)
            outbox.add_event(Note(text="second"))
        outbox.save()

    async def back():
        outbox = Outbox(FileStorage(path))
        outbox.add_event(Note(text="third"))
        await flush(outbox, daemon)

    asyncio.run(away())
    assert len(path.read_text().splitlines()) == 3
    daemon.start()
    asyncio.run(back())
    assert daemon.notes() == ["first", "second", "third"]
    assert [turn["duration_ms"] for turn in daemon.turns] == [1]
    assert daemon.cmds() == ["publish", "turn_ended", "publish"]
    assert path.read_text() == ""


def test_a_hive_that_limits_the_rate_is_asked_again_when_it_says_so_and_loses_nothing(daemon, path, monkeypatch):
    client, slept = DaemonClient(daemon.path), []
    answers = [HiveError("rate_limited", "too many", retry_after_seconds=7.5), None]
    call = client.call

    async def limited(*arguments):
        refusal = answers.pop(0)
        if refusal is not None:
            raise refusal
        return await call(*arguments)

    async def no_time(seconds):
        slept.append(seconds)

    async def play():
        outbox = Outbox(path)
        outbox.add_event(Note(text="kept"))
        monkeypatch.setattr(client, "call", limited)
        monkeypatch.setattr(module.asyncio, "sleep", no_time)
        async with delivering(outbox, client):
            await asyncio.wait_for(outbox.flushed(), SECONDS)

    asyncio.run(play())
    assert slept == [7.5]
    assert daemon.notes() == ["kept"]


def test_an_outbox_is_bounded_and_reports_how_many_events_it_dropped(daemon, path, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 60_000)
    added = 2 * MAX_BATCH_EVENTS

    async def play():
        outbox = Outbox(FileStorage(path))
        for number in range(added):
            outbox.add_event(Note(text=f"{number} " + "x" * 50))
        await flush(outbox, daemon)

    asyncio.run(play())
    first, *rest = daemon.notes()
    assert first == f"{added - len(rest)} older events were dropped: the hive did not take them in time"
    assert [int(note.split()[0]) for note in rest] == list(range(added - len(rest), added)), "the newest are kept"


class SlowClient:
    """Takes a batch, and does not reply before it is allowed to."""

    def __init__(self):
        self.taken = []
        self.has_taken = asyncio.Event()
        self.may_reply = asyncio.Event()

    async def call(self, request, reply):
        self.taken += [event["text"] for event in request.events]
        self.has_taken.set()
        await self.may_reply.wait()

    async def close(self):
        pass


def test_events_dropped_while_their_batch_is_under_way_take_no_others_with_them(path, monkeypatch):
    line = len(json.dumps({"event": Note(text="1").as_frame()}))
    monkeypatch.setattr(module, "MAX_WAITING_BYTES", 3 * line)

    async def play():
        outbox = Outbox(FileStorage(path))
        client = SlowClient()
        outbox.add_event(Note(text="1"))
        outbox.add_event(Note(text="2"))
        async with delivering(outbox, client):
            await client.has_taken.wait()
            for number in "345":  # "1" and "2" go to make room: they are delivered already
                outbox.add_event(Note(text=number))
            client.may_reply.set()
            await asyncio.wait_for(outbox.flushed(), SECONDS)
        return client.taken

    assert asyncio.run(play()) == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    "stats", [{}, {"duration_ms": -1}, {"started_at": "0001-01-01T00:00:00Z"}, {"cost_usd": float("nan")}]
)
def test_an_outbox_survives_figures_of_an_earlier_version_that_are_none(daemon, path, stats):
    path.write_text(
        json.dumps({"stats": stats}) + "\n" + json.dumps({"event": {"kind": "note", "text": "whole"}}) + "\n"
    )

    async def play():
        outbox = Outbox(path)
        await flush(outbox, daemon)
        outbox.add_event(Note(text="later"))
        await flush(outbox, daemon)

    asyncio.run(play())
    assert daemon.cmds() == ["publish", "publish"]
    assert path.read_text() == ""


def nested(depth):
    value = "x"
    for _ in range(depth):
        value = {"k": value}
    return value


@pytest.mark.parametrize(
    "message",
    [
        nested(61),
        nested(62),
        nested(200),
        {"n": 10**40},
        {"n": float("nan")},
        {"text": "half \ud800"},
        {"text": "\x1b[31mred"},
    ],
)
def test_what_claude_prints_is_taken_by_the_daemon_whatever_it_is(path, message):
    outbox = Outbox(path)
    outbox.add_event(Stream(message=message))
    frame = framing.decode(framing.encode(Publish(events=[outbox._next_batch()[0]["event"]]).as_frame()).rstrip())
    request = parse_request(frame, AGENT_VERBS)
    assert request.events[0]["kind"] == "stream"


def test_an_outbox_survives_a_line_cut_off_by_a_crash_and_an_event_the_daemon_refuses(daemon, path):
    path.write_text(json.dumps({"event": {"kind": "note", "text": "whole"}}) + '\n{"event": {"ki')
    daemon.canned["publish"] = HiveError("bad_request", "no such event")

    async def play():
        await flush(Outbox(FileStorage(path)), daemon)

    asyncio.run(play())
    assert daemon.cmds() == ["publish"]
    assert path.read_text() == "", "what was refused is not tried again"
