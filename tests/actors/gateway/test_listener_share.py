"""What the clients of one socket take of the daemon together: they cannot keep the loop, its memory or its workers."""

import contextlib
import json
from dataclasses import replace

import gevent
import pytest
from gevent.event import Event

from actors import connection, fair_share
from actors.fair_share import GUARDED
from actors.listener import Listener
from actors.supervision import Exit, Stop
from harness.wire import framing
from harness.wire.agent_api import AGENT_VERBS, MessagesReply, RecvReply, StatusReply
from harness.wire.framing import MAX_FRAME_BYTES, LineReader
from tests.actors.gateway.test_listener import Client
from tests.waiting import SECONDS, until


class Office:
    """`status` is answered when `open` is set, `recv` is a long poll, `recent` fills a frame."""

    def __init__(self, path, **share):
        self.open, self.at_work, self.unwritten = Event(), 0, Event()
        self.path = path
        self.actor = Listener(path=path, verbs=AGENT_VERBS, handler=self.answer, share=replace(GUARDED, **share))
        self.actor.begin("listener").get(timeout=SECONDS)

    def answer(self, request, client):
        match request.cmd:
            case "recv":
                gone = Event()
                client.on_gone(gone.set)
                self.open.wait(SECONDS)
                return RecvReply(messages=[], remaining=0)
            case "recent":
                client.if_unwritten(self.unwritten.set)
                row = {"id": 1, "from": "a", "to": "b", "body": "x" * 900_000, "sent_at": "2030-01-31T09:00:00.000Z"}
                return MessagesReply.model_validate({"messages": [row]})
        self.at_work += 1
        self.open.wait(SECONDS)
        return StatusReply(pending=0, leased=0)


@pytest.fixture
def office(request, tmp_path):
    office = Office(tmp_path / "hive.sock", **getattr(request, "param", {}))
    yield office
    office.open.set()
    office.actor.tell(Stop(Exit.shutdown()))
    office.actor.ended.get(timeout=SECONDS)


def test_a_client_that_sends_without_end_and_reads_every_reply_lets_others_run(office, monkeypatch):
    """Its greenlet never has to wait for its socket: the replies fit into the socket's buffer."""
    monkeypatch.setattr(fair_share, "SLICE_SECONDS", 0.0)
    turns = 0

    def observe():
        nonlocal turns
        while True:
            gevent.sleep(0)
            turns += 1

    observer = gevent.spawn(observe)
    client = Client(office.path)
    client.send(b'{"cmd":"x"}\n' * 300)
    while turns == 0:
        gevent.sleep(0)
    before = turns
    codes = [client.line()["code"] for _ in range(300)]
    observer.kill()
    client.close()
    assert set(codes) == {"unknown_command"}
    assert turns - before >= 290


@pytest.mark.parametrize("office", [{"unfinished_bytes": 3 * MAX_FRAME_BYTES}], indirect=True)
def test_the_unfinished_requests_of_all_clients_together_have_a_size(office):
    clients = [Client(office.path) for _ in range(4)]
    for one in clients:
        with contextlib.suppress(OSError):  # the last one is refused before it has sent everything
            one.send(b'"' + b"x" * 900_000)
    assert clients[3].line()["code"] == "too_large"
    for one in clients:
        one.close()
    office.open.set()
    until(lambda: office.actor.state_word() == "0 connected", "all are gone")
    last = Client(office.path)
    last.send(b'{"cmd":"status"' + b" " * 900_000)
    last.send(b"}\n")
    assert last.line()["ok"]
    last.close()


@pytest.mark.parametrize("office", [{"in_hand": 2}], indirect=True)
def test_two_requests_are_worked_on_and_the_third_waits_its_turn(office):
    clients = [Client(office.path) for _ in range(3)]
    for one in clients:
        one.send({"cmd": "status"})
    busy = lambda: sum(one.busy for one in office.actor._connections)  # noqa: E731, SLF001
    until(lambda: busy() == 3 and office.at_work == 2, "two are at work, and the third is taken")
    assert office.at_work == 2
    office.open.set()
    assert all(one.line()["ok"] for one in clients)
    for one in clients:
        one.close()


@pytest.mark.parametrize("office", [{"in_hand": 1}], indirect=True)
def test_a_long_poll_takes_no_place(office):
    polls = [Client(office.path) for _ in range(3)]
    for one in polls:
        one.send({"cmd": "recv", "wait_seconds": 60})
    worker = Client(office.path)
    worker.send({"cmd": "status"})
    until(lambda: office.at_work == 1, "it is at work beside the polls")
    office.open.set()
    for one in (*polls, worker):
        assert one.line()["ok"]
        one.close()


@pytest.mark.parametrize("office", [{"in_hand": 1}], indirect=True)
def test_a_client_that_does_not_read_its_reply_is_given_up_and_leaves_its_place(office, monkeypatch):
    monkeypatch.setattr(connection, "REPLY_SECONDS", 0.05)
    silent, other = Client(office.path), Client(office.path)
    silent.send({"cmd": "recent"})
    assert office.unwritten.wait(SECONDS)
    office.open.set()
    assert other.ask({"cmd": "status"})["ok"]
    silent.close()
    other.close()


def test_a_reader_of_lines_holds_the_bytes_it_was_given_however_they_came():
    reader = LineReader()
    line = framing.encode({"cmd": "send", "body": "é" * 100})
    found = [whole for byte in line for whole in reader.feed(bytes((byte,)))]
    assert [json.loads(one)["body"] for one in found] == ["é" * 100]
    assert reader.held == 0
    reader.feed(b"abc")
    reader.feed(b"d")
    assert reader.held == 4
    assert reader.feed(b"e\nf") == [b"abcde"]
    assert reader.held == 1
