"""The connection to the host and the outbox, against real sockets."""

import asyncio
import json
import subprocess
import sys

import pytest

from harness.client import ConnectionLost, HiveClient, call_once
from harness.outbox import MAX_BATCH_EVENTS, Outbox
from harness.session import SessionFile
from harness.wire.agent_api import AckReply, AckTurn, Recv, RecvReply, Send, SendReply, Status, StatusReply
from harness.wire.errors import HiveError
from harness.wire.events import Note, TurnStats
from tests.harness.fake_host import NOW, FakeHost


@pytest.fixture
def host(tmp_path):
    one = FakeHost(tmp_path / "hive.sock").start()
    yield one
    if one._server is not None:
        one.stop()


def test_a_refusal_is_raised_as_the_host_said_it(host):
    host.canned["send"] = HiveError("forbidden", "not to bob", "ask the manager")

    async def play():
        client = HiveClient(host.path)
        with pytest.raises(HiveError) as caught:
            await client.call(Send(to="bob", body="x"), SendReply)
        assert (caught.value.code.value, caught.value.hint) == ("forbidden", "ask the manager")
        assert (await client.call(Status(), StatusReply)).pending == 0, "the connection is still good"
        assert client.connections == 1
        await client.close()

    asyncio.run(play())


def test_a_request_that_is_too_long_is_refused_before_it_is_sent(host):
    async def play():
        with pytest.raises(HiveError) as caught:
            await call_once(host.path, Send(to="bob", body="x" * 2**21), patience=1)
        assert caught.value.code.value == "too_large"

    asyncio.run(play())


def test_the_harness_boots_without_claude_and_mcp():
    heavy = ["claude_agent_sdk", "mcp", "anyio", "starlette"]
    code = f"import sys, harness.main; sys.exit(' '.join(m for m in {heavy} if m in sys.modules) or 0)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_lost_answer_is_said_and_never_sent_twice(host):
    host.drop_next = {"cmd": "send"}

    async def play():
        with pytest.raises(ConnectionLost):
            await call_once(host.path, Send(to="bob", body="x"), patience=1)

    asyncio.run(play())
    assert len(host.sent) == 1


def test_repeatable_requests_go_through_lost_connections_and_passing_trouble(host):
    host.drop_next = {"cmd": "ack_turn"}
    host.canned["status"] = HiveError("unavailable", "starting")

    async def play():
        client = HiveClient(host.path)
        await client.insist(AckTurn(), AckReply)
        asking = asyncio.create_task(client.insist(Status(), StatusReply))
        await asyncio.to_thread(host.wait, lambda one: one.cmds().count("status") == 2)
        host.canned.clear()
        assert (await asking).leased == 0
        assert client.connections == 2
        await client.close()

    asyncio.run(play())
    assert host.cmds().count("ack_turn") == 2


def test_a_host_that_is_away_is_waited_for_and_patience_ends(host):
    host.stop()

    async def play():
        with pytest.raises(HiveError, match="away"):
            await call_once(host.path, Status(), patience=0.1)
        asking = asyncio.create_task(call_once(host.path, Status(), patience=10))
        await asyncio.sleep(0)
        host.start()
        assert isinstance(await asking, StatusReply)

    asyncio.run(play())


def test_a_cancelled_request_hangs_up_so_that_its_answer_is_taken_by_nobody(host):
    async def play():
        client = HiveClient(host.path)
        parked = asyncio.create_task(client.call(Recv(wait_seconds=60), RecvReply))
        await asyncio.to_thread(host.wait, lambda one: one.cmds() == ["recv"])
        parked.cancel()
        await asyncio.wait({parked})
        host.deliver("later")
        assert (await client.call(Status(), StatusReply)).pending == 1
        await client.close()

    asyncio.run(play())


def stats(number):
    return TurnStats(started_at=NOW, ended_at=NOW, duration_ms=number, outcome="ok", cold=False)


def test_events_wait_for_an_absent_host_in_order_and_over_a_restart(host, tmp_path):
    host.stop()
    path = tmp_path / "outbox.jsonl"

    async def away():
        outbox = Outbox(path)
        outbox.event(Note(text="first"))
        outbox.stats(stats(1))
        running = asyncio.create_task(outbox.run(HiveClient(host.path)))
        await asyncio.sleep(0)
        outbox.event(Note(text="second"))
        running.cancel()
        await asyncio.wait({running})
        outbox.write_down()

    async def back():
        outbox = Outbox(path)
        assert outbox.waiting == 3
        client = HiveClient(host.path)
        running = asyncio.create_task(outbox.run(client))
        outbox.event(Note(text="third"))
        await asyncio.wait_for(outbox.flushed(), 5)
        running.cancel()
        await asyncio.wait({running})
        await client.close()

    asyncio.run(away())
    assert len(path.read_text().splitlines()) == 3
    host.start()
    asyncio.run(back())
    assert host.notes() == ["first", "second", "third"]
    assert [turn["duration_ms"] for turn in host.turns] == [1]
    assert host.cmds() == ["publish", "turn_ended", "publish"]
    assert path.read_text() == ""


def test_an_outbox_is_bounded_and_says_what_it_dropped(host, tmp_path, monkeypatch):
    monkeypatch.setattr("harness.outbox.MAX_WAITING_BYTES", 60_000)

    async def play():
        outbox = Outbox(tmp_path / "outbox.jsonl")
        for number in range(2 * MAX_BATCH_EVENTS):
            outbox.event(Note(text=f"{number} " + "x" * 50))
        kept = outbox.waiting
        assert kept < 2 * MAX_BATCH_EVENTS
        client = HiveClient(host.path)
        running = asyncio.create_task(outbox.run(client))
        await asyncio.wait_for(outbox.flushed(), 5)
        running.cancel()
        await asyncio.wait({running})
        await client.close()
        return kept

    kept = asyncio.run(play())
    assert host.notes()[0] == f"{2 * MAX_BATCH_EVENTS - kept} older events were dropped while the hive was away"
    assert len(host.notes()) == kept + 1


def test_an_outbox_survives_a_line_cut_off_by_a_crash_and_an_event_the_host_refuses(host, tmp_path):
    path = tmp_path / "outbox.jsonl"
    path.write_text(json.dumps({"event": {"kind": "note", "text": "whole"}}) + '\n{"event": {"ki')
    host.canned["publish"] = HiveError("bad_request", "no such event")

    async def play():
        outbox = Outbox(path)
        client = HiveClient(host.path)
        running = asyncio.create_task(outbox.run(client))
        await asyncio.wait_for(outbox.flushed(), 5)
        running.cancel()
        await asyncio.wait({running})
        await client.close()

    asyncio.run(play())
    assert host.cmds() == ["publish"]


def test_a_session_file_is_kept_whole_and_a_broken_one_is_an_empty_one(tmp_path):
    path = tmp_path / "session.json"
    SessionFile(path).keep(session_id="s", model="opus")
    assert SessionFile(path).kept.model_dump() == {"session_id": "s", "model": "opus"}
    path.write_text('{"session_id": ')
    assert SessionFile(path).kept.session_id is None
