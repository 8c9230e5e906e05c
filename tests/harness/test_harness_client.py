"""The client of hive.sock, against a real socket."""

import asyncio
import subprocess
import sys

import pytest

from harness.daemon.client import ConnectionLost, DaemonClient, call_once
from harness.wire.agent_api import AckReply, AckTurn, Recv, RecvReply, Send, SendReply, Status, StatusReply
from harness.wire.errors import HiveError


def test_a_refusal_is_raised_as_the_daemon_replied_it(daemon):
    daemon.canned["send"] = HiveError("forbidden", "not to bob", "ask the manager")

    async def play():
        client = DaemonClient(daemon.path)
        with pytest.raises(HiveError) as caught:
            await client.call(Send(to="bob", body="x"), SendReply)
        assert (caught.value.code.value, caught.value.hint) == ("forbidden", "ask the manager")
        assert (await client.call(Status(), StatusReply)).pending == 0, "the connection is still good"
        assert client.connections == 1
        await client.close()

    asyncio.run(play())


def test_a_request_that_is_too_long_is_refused_before_it_is_sent(daemon):
    async def play():
        with pytest.raises(HiveError) as caught:
            await call_once(daemon.path, Send(to="bob", body="x" * 2**21), connect_timeout_seconds=1)
        assert caught.value.code.value == "too_large"

    asyncio.run(play())
    assert daemon.requests == []


def test_the_harness_boots_without_claude_and_mcp():
    heavy = ["claude_agent_sdk", "mcp", "anyio", "starlette"]
    code = f"import sys, harness.main; sys.exit(' '.join(m for m in {heavy} if m in sys.modules) or 0)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_lost_reply_is_an_error_and_the_request_is_not_sent_twice(daemon):
    daemon.drop_next = {"cmd": "send"}

    async def play():
        with pytest.raises(ConnectionLost):
            await call_once(daemon.path, Send(to="bob", body="x"), connect_timeout_seconds=1)

    asyncio.run(play())
    assert daemon.cmds() == ["send"]


def test_requests_that_may_be_repeated_survive_lost_connections_and_transient_errors(daemon):
    daemon.drop_next = {"cmd": "ack_turn"}
    daemon.canned["status"] = HiveError("unavailable", "starting")

    async def play():
        client = DaemonClient(daemon.path)
        await client.call_until_answered(AckTurn(), AckReply)
        asking = asyncio.create_task(client.call_until_answered(Status(), StatusReply))
        await asyncio.to_thread(daemon.wait, lambda daemon: daemon.cmds().count("status") == 2)
        daemon.canned.clear()
        assert (await asking).leased == 0
        assert client.connections == 2
        await client.close()

    asyncio.run(play())
    assert daemon.cmds().count("ack_turn") == 2


def test_a_permanent_error_ends_the_repetition(daemon):
    daemon.canned["status"] = HiveError("forbidden", "not you")

    async def play():
        client = DaemonClient(daemon.path)
        with pytest.raises(HiveError, match="not you"):
            await client.call_until_answered(Status(), StatusReply)
        await client.close()

    asyncio.run(play())
    assert daemon.cmds() == ["status"]


def test_a_daemon_that_is_away_is_waited_for_until_the_timeout(daemon):
    daemon.stop()

    async def play():
        with pytest.raises(HiveError, match="away"):
            await call_once(daemon.path, Status(), connect_timeout_seconds=0.1)
        asking = asyncio.create_task(call_once(daemon.path, Status(), connect_timeout_seconds=10))
        await asyncio.sleep(0)
        daemon.start()
        assert isinstance(await asking, StatusReply)

    asyncio.run(play())


def test_a_cancelled_request_closes_its_connection_so_that_no_other_reads_its_reply(daemon):
    async def play():
        client = DaemonClient(daemon.path)
        waiting = asyncio.create_task(client.call(Recv(wait_seconds=60), RecvReply))
        await asyncio.to_thread(daemon.wait, lambda daemon: daemon.cmds() == ["recv"])
        waiting.cancel()
        await asyncio.wait({waiting})
        daemon.deliver("later")
        assert (await client.call(Status(), StatusReply)).pending == 1
        await client.close()

    asyncio.run(play())
