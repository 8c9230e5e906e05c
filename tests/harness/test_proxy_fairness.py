"""No agent keeps the proxy to itself: copies leave turns to others, name servers that are silent hold few threads."""

import asyncio
import contextlib
import socket
import threading

import pytest

from harness.proxy import dial
from harness.proxy.bodies import copy_request_body
from harness.proxy.errors import UnreachableError
from harness.proxy.heads import Head
from harness.proxy.stream import SocketStream, Stream
from tests.waiting import SECONDS

PIECES = 200


class Endless(Stream):
    """A client that always has the next piece ready."""

    def __init__(self, piece):
        super().__init__()
        self.piece = piece

    async def receive(self, most):
        return self.piece[:most]


@pytest.mark.parametrize(
    ("header", "piece"),
    [(("Content-Length", str(PIECES * 1_000)), b"x" * 1_000), (("Transfer-Encoding", "chunked"), b"3e8\r\n" + b"x" * 1_000 + b"\r\n")],
    ids=["length", "chunks"],
)  # fmt: skip
def test_a_body_without_pauses_leaves_turns_to_others(header, piece):
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * PIECES * len(piece))

    async def copy():
        turns = 0

        async def observe():
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        source, target = Endless(piece), SocketStream(ours)
        observer = asyncio.create_task(observe())
        copying = copy_request_body(Head(("POST", "/", "HTTP/1.1"), [header]), source, target)
        with contextlib.suppress(TimeoutError):  # chunks without an end
            await asyncio.wait_for(copying, 0.2)
        observer.cancel()
        return turns

    drain = threading.Thread(target=lambda: [None for _ in iter(lambda: theirs.recv(1 << 20), b"")])
    drain.start()
    turns = asyncio.run(copy())
    ours.close()
    drain.join(SECONDS)
    theirs.close()
    assert turns >= PIECES - 10


def test_a_silent_name_server_holds_as_many_threads_as_an_agent_may_have(monkeypatch):
    asked, answer = [], threading.Event()

    def resolve(host):
        asked.append(host)
        answer.wait(SECONDS)
        return []

    monkeypatch.setattr(dial, "_resolve", resolve)
    monkeypatch.setattr(dial, "RESOLVE_SECONDS", 0.02)

    async def attack():
        lookups = asyncio.Semaphore(2)
        first = [dial.connect(f"host{number}.example", 80, lookups) for number in range(2)]
        found = await asyncio.gather(*first, return_exceptions=True)
        assert all(isinstance(one, UnreachableError) for one in found)
        third = asyncio.create_task(dial.connect("third.example", 80, lookups))
        done, _ = await asyncio.wait({third}, timeout=0.05)
        assert (len(asked), done) == (2, set()), "both threads still wait"
        answer.set()
        with pytest.raises(UnreachableError, match="no such name"):
            await third

    asyncio.run(attack())
    assert len(asked) == 3
