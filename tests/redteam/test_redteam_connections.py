"""A thousand clients that say nothing, or say it slowly, do not close the door for the operator."""

import contextlib
import http.client
import os
import resource
import socket
import subprocess
from types import SimpleNamespace

import pytest

from tests.waiting import SECONDS
from tests.web import sample_rows
from tests.web.browserless import TOKEN
from tests.web.fake_daemon import FakeDaemon
from tests.web.test_web_process import ROOT, WEB, running
from web.http.auth import FAILURES_ALLOWED
from web.http.server import MAX_CONNECTIONS, Connections, least_needed

pytestmark = pytest.mark.slow


class Silent:
    """A connection as the registry of connections sees it."""

    def __init__(self, peer="a"):
        self.peer, self.closed = peer, False

    def hang_up(self):
        self.closed = True


def test_room_is_made_by_the_oldest_of_the_address_with_most_connections():
    assert least_needed([]) is None
    assert least_needed([(1, "b"), (2, "a"), (3, "a")]) == 2
    assert least_needed([(1, "a"), (2, "b")]) == 1


def test_a_full_house_closes_a_waiting_connection_for_a_new_one_and_never_a_busy_one():
    connections = Connections(limit=3)
    busy, first, second = Silent("operator"), Silent(), Silent()
    for one in (busy, first, second):
        assert connections.admit(one)
    connections.busy(busy)
    newcomer = Silent("operator")
    assert connections.admit(newcomer)
    assert (busy.closed, first.closed, second.closed) == (False, True, False)
    for one in (second, newcomer):
        connections.busy(one)
    assert not connections.admit(Silent())
    connections.leave(second)
    assert connections.admit(Silent())
    assert len(connections) == 3


def test_a_connection_that_made_room_takes_no_place_any_more():
    connections = Connections(limit=1)
    first, second = Silent(), Silent()
    connections.admit(first)
    connections.admit(second)
    connections.wait(first)
    connections.leave(first)
    assert len(connections) == 1


@pytest.fixture
def fake(tmp_path):
    daemon = FakeDaemon(tmp_path / "web.sock")
    sample_rows.populate(daemon)
    yield daemon.start()
    daemon.stop()


@pytest.fixture
def flooded(fake, tmp_path):
    """A hive-web process with more open connections than it has places; each has sent the given bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4_096), hard))
    with contextlib.ExitStack() as stack:
        process = stack.enter_context(running(fake, tmp_path))

        def flood(data, count=MAX_CONNECTIONS + 100, receive_bytes=None):
            for _ in range(count):
                sock = stack.enter_context(socket.socket())
                if receive_bytes is not None:
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
                sock.settimeout(SECONDS)
                sock.connect(("127.0.0.1", process.port))
                with contextlib.suppress(OSError):
                    sock.setblocking(receive_bytes is None)
                    sock.sendall(data)

        yield SimpleNamespace(process=process, flood=flood)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ask(process, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=SECONDS)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 500000\r\n\r\nx",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\nx",
        b"POST /login HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["silent", "half a head", "half a body", "a huge body", "endless pieces", "kept alive"],
)
def test_a_thousand_connections_leave_the_door_open(flooded, data):
    flooded.flood(data)
    assert ask(flooded.process, "/readyz") in (200, 503)
    assert ask(flooded.process, "/api/state", Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.slow
def test_a_thousand_clients_that_ask_and_never_read_leave_the_door_open(flooded):
    """Each is busy with a response that it does not take, and asks for the next before that."""
    flooded.flood(b"GET /login HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2_000, receive_bytes=2_048)
    assert ask(flooded.process, "/readyz") in (200, 503)
    assert ask(flooded.process, "/api/state", Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.slow
def test_wrong_tokens_leave_the_door_open(flooded):
    for _ in range(FAILURES_ALLOWED * 3):
        assert ask(flooded.process, "/api/state", Authorization="Bearer guess") in (403, 429)
    assert ask(flooded.process, "/api/state", Authorization=f"Bearer {TOKEN}") == 200


@pytest.mark.slow
def test_a_live_stream_of_the_operator_outlives_the_flood(flooded, fake):
    connection = http.client.HTTPConnection("127.0.0.1", flooded.process.port, timeout=SECONDS)
    connection.request("GET", "/events", headers={"Authorization": f"Bearer {TOKEN}"})
    stream = connection.getresponse()
    assert stream.readline().startswith(b"retry:")
    flooded.flood(b"")
    fake.emit("notice", {"level": "info", "text": "still here"})
    while not (line := stream.readline()).startswith(b"event: notice"):
        assert line
    stream.close()
    connection.close()


@pytest.mark.slow
def test_the_process_serves_on_sockets_that_it_is_started_with(fake, tmp_path):
    token = tmp_path / "token"
    token.write_text(TOKEN)
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        fds = [sock.fileno() for sock in (first, second)]
        command = [*WEB, "--socket", str(fake.path), "--token-file", str(token)]
        command += [part for fd in fds for part in ("--listen-fd", str(fd))]
        environment = os.environ | {"HIVE_WEB_NAME": "hive-told.localhost"}
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, pass_fds=fds)
        try:
            assert process.stdout.readline().startswith(b"hive-web listening")
            for sock in (first, second):
                served = SimpleNamespace(port=sock.getsockname()[1])
                assert ask(served, "/api/state", Authorization=f"Bearer {TOKEN}") == 200
                assert ask(served, "/login", Host="hive-told.localhost") == 200
                assert ask(served, "/login", Host="hive-other.localhost") == 403
        finally:
            process.terminate()
            assert process.wait(SECONDS) == 0
            process.stdout.close()
