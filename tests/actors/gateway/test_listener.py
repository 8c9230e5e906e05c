"""The listener: whatever a client sends, the answer is a frame or a hang-up, and nobody else is disturbed."""

import contextlib
import json
import os
import socket as std
from dataclasses import replace

import gevent
import pytest
from gevent.event import Event
from gevent.socket import AF_UNIX, SOCK_STREAM, socket

from actors.fair_share import TRUSTED
from actors.listener import Listener
from actors.supervision import Exit, Stop
from harness.wire import framing
from harness.wire.agent_api import AGENT_VERBS, RecvReply, SendReply, StatusReply
from harness.wire.errors import HiveError
from tests.waiting import SECONDS


class Client:
    def __init__(self, path):
        self.sock = socket(AF_UNIX, SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(str(path))
        self.reader = framing.LineReader()
        self.lines = []

    def send(self, data):
        self.sock.sendall(data if isinstance(data, bytes) else framing.encode(data))

    def line(self):
        """The next reply, or None when the daemon has hung up."""
        while not self.lines:
            try:
                data = self.sock.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self.lines += self.reader.feed(data)
        return json.loads(self.lines.pop(0))

    def ask(self, frame):
        self.send(frame)
        return self.line()

    def close(self):
        self.sock.close()


class Service:
    """A listener with a handler that knows a few verbs."""

    def __init__(self, path, **options):
        self.path = path
        self.waiting, self.gone, self.unwritten, self.release = Event(), Event(), Event(), Event()
        self.actor = Listener(path=path, verbs=AGENT_VERBS, handler=self.handler, **options)
        self.actor.begin("listener").get(timeout=SECONDS)

    def handler(self, request, connection):
        match request.cmd:
            case "send":
                return SendReply(id=len(request.body))
            case "recv":
                connection.on_gone(self.gone.set)
                connection.on_gone(self.release.set)
                connection.if_unwritten(self.unwritten.set)
                self.waiting.set()
                self.release.wait(SECONDS)
                return RecvReply(messages=[], remaining=0)
            case "loose_ends":
                raise RuntimeError("a bug in a verb")
        return StatusReply(pending=0, leased=0)

    def stop(self):
        self.actor.tell(Stop(Exit.shutdown()))
        return self.actor.ended.get(timeout=SECONDS)


@pytest.fixture
def service(tmp_path):
    service = Service(tmp_path / "hive.sock")
    yield service
    service.stop()


@pytest.fixture
def client(service):
    client = Client(service.path)
    yield client
    client.close()


def test_requests_on_one_connection_are_answered_in_order(client):
    client.send(b"".join(framing.encode({"cmd": "send", "to": "bob", "body": "x" * n}) for n in range(1, 20)))
    assert [client.line()["id"] for _ in range(1, 20)] == list(range(1, 20))


BAD_LINES = [
    (b"hello\n", "bad_request"),
    (b"\xff\xfe\n", "bad_request"),
    (b"[1,2]\n", "bad_request"),
    (b'"send"\n', "bad_request"),
    (b"[" * 100_000 + b"\n", "bad_request"),
    (b"x" * (2 * 1024 * 1024) + b"\n", "too_large"),
    (b"x" * (2 * 1024 * 1024), "too_large"),
]


@pytest.mark.parametrize(("line", "code"), BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_line_that_is_no_frame_is_answered_once_and_the_connection_closed(service, line, code):
    client = Client(service.path)
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        client.send(line)
    reply = client.line()
    assert reply is None or (reply["ok"], reply["code"]) == (False, code)
    assert client.line() is None
    client.close()
    other = Client(service.path)
    assert other.ask({"cmd": "status"})["ok"]
    other.close()


BAD_REQUESTS = [
    ({}, "bad_request"),
    ({"cmd": 7}, "bad_request"),
    ({"cmd": "fly"}, "unknown_command"),
    ({"cmd": "x" * 100_000}, "unknown_command"),
    ({"cmd": "send"}, "bad_request"),
    ({"cmd": "send", "to": "bob", "body": 7}, "bad_request"),
    ({"cmd": "send", "to": "bob", "body": "x", "from": "operator"}, "bad_request"),
    ({"cmd": "send", "to": "..", "body": "x"}, "bad_request"),
    ({"cmd": "send", "to": "a/b", "body": "x"}, "bad_request"),
    ({"cmd": "send", "to": "-x", "body": "x"}, "bad_request"),
    ({"cmd": "send", "to": "x" * 300, "body": "x"}, "bad_request"),
    ({"cmd": "recv", "max": 33}, "bad_request"),
    ({"cmd": "recv", "max": True}, "bad_request"),
    ({"cmd": "recv", "wait_seconds": -1}, "bad_request"),
    ({"cmd": "recv", "wait_seconds": "soon"}, "bad_request"),
    ({"cmd": "answer", "id": 2**63, "answer": ""}, "bad_request"),
]


@pytest.mark.parametrize(("frame", "code"), BAD_REQUESTS, ids=range(len(BAD_REQUESTS)))
def test_a_wrong_request_is_refused_in_a_sentence_and_the_connection_goes_on(client, frame, code):
    reply = client.ask(frame)
    assert (reply["ok"], reply["code"]) == (False, code)
    assert 0 < len(reply["error"]) < 400
    assert client.ask({"cmd": "status"})["ok"]


def test_a_bug_in_a_verb_is_internal_and_the_connection_goes_on(client):
    assert client.ask({"cmd": "loose_ends"})["code"] == "internal"
    assert client.ask({"cmd": "status"})["ok"]


def test_a_client_that_vanishes_while_its_request_waits_is_noticed_at_once(service, client):
    client.send({"cmd": "recv", "wait_seconds": 60})
    assert service.waiting.wait(SECONDS)
    client.close()
    assert service.gone.wait(SECONDS)
    assert service.unwritten.wait(SECONDS)


def test_a_client_that_vanishes_in_the_middle_of_a_line_leaves_nothing(service):
    client = Client(service.path)
    client.send(b'{"cmd":"sen')
    client.close()
    other = Client(service.path)
    assert other.ask({"cmd": "status"})["ok"]
    other.close()


def test_a_pipelined_request_behind_a_waiting_one_is_not_taken_for_a_hang_up(service, client):
    client.send({"cmd": "recv", "wait_seconds": 60})
    assert service.waiting.wait(SECONDS)
    client.send({"cmd": "status"})
    gevent.sleep(0)
    service.release.set()
    assert client.line()["messages"] == []
    assert client.line()["pending"] == 0
    assert not service.gone.is_set()


def test_more_connections_than_allowed_push_out_the_one_idle_the_longest(tmp_path):
    service = Service(tmp_path / "hive.sock", share=replace(TRUSTED, connections=3))
    clients = [Client(service.path) for _ in range(3)]
    assert all(one.ask({"cmd": "status"})["ok"] for one in clients)
    assert clients[0].ask({"cmd": "status"})["ok"]
    newcomer = Client(service.path)
    assert newcomer.ask({"cmd": "status"})["ok"]
    assert clients[1].line() is None
    assert clients[0].ask({"cmd": "status"})["ok"]
    for one in (*clients, newcomer):
        one.close()
    service.stop()


def test_when_all_connections_are_busy_a_new_one_is_told_so(tmp_path):
    service = Service(tmp_path / "hive.sock", share=replace(TRUSTED, connections=1))
    waiting, late = Client(service.path), Client(service.path)
    waiting.send({"cmd": "recv", "wait_seconds": 60})
    assert service.waiting.wait(SECONDS)
    assert late.line()["code"] == "unavailable"
    assert late.line() is None
    waiting.close(), late.close()
    service.stop()


def test_only_the_uids_that_are_allowed_get_in(tmp_path):
    service = Service(tmp_path / "hive.sock", allowed_uids=frozenset({os.getuid() + 1}))
    client = Client(service.path)
    assert client.line()["code"] == "forbidden"
    client.close()
    service.stop()


def test_the_socket_file_has_its_mode_and_goes_with_the_listener(tmp_path):
    service = Service(tmp_path / "hive.sock", mode=0o660)
    assert service.path.stat().st_mode & 0o777 == 0o660
    assert service.stop() == Exit.shutdown()
    assert not service.path.exists()


def test_a_stale_socket_makes_room_but_a_file_does_not(tmp_path):
    path = tmp_path / "hive.sock"
    stale = std.socket(std.AF_UNIX)
    stale.bind(str(path))
    stale.close()
    Service(path).stop()
    path.write_text("precious")
    with pytest.raises(Exception, match="no socket"):
        Service(path)
    assert path.read_text() == "precious"


def test_a_path_longer_than_a_socket_may_have_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(Exception, match="107 bytes"):
        Service(tmp_path / ("x" * 120) / "hive.sock")


def test_stopping_hangs_up_on_those_who_wait(service, client):
    client.send({"cmd": "recv", "wait_seconds": 60})
    assert service.waiting.wait(SECONDS)
    service.stop()
    assert client.line() is None


def test_an_oversized_reply_is_an_error_not_a_broken_line():
    with pytest.raises(HiveError, match="at most"):
        framing.encode({"x": "y" * framing.MAX_FRAME_BYTES})
