"""The proxy outlives the daemon and its own worker: sockets stay, streams go on, a newer proxy takes over."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from harness.wire.proxy import Drain, End, Serve, Upstream
from tests.harness.proxy_process import Client, ProxyProcess
from tests.harness.test_proxy_model import KEY, model, with_key  # noqa: F401 — a fixture
from tests.needs import needs_root
from tests.waiting import SECONDS

pytestmark = pytest.mark.slow

STREAM = b"POST /v1/messages HTTP/1.1\r\nContent-Length: 6\r\n\r\nstream"
TAIL = b"1000\r\n"


@pytest.fixture
def proxy():
    with ProxyProcess() as proxy:
        yield proxy


def begin_stream(client):
    client.send(STREAM)
    assert client.head()[0] == 200
    assert client.file.readline() + client.file.readline() == b"5\r\nfirst\r\n"


def rest_of_stream(client):
    found = 0
    while size := int(client.file.readline(), 16):
        found += len(client.file.read(size))
        client.file.readline()
    return found


def ask(client, body=b"x"):
    return client.request("POST", "/v1/messages", body=body)[2]


def test_without_a_daemon_streams_go_on_and_new_connections_are_served(proxy, model):  # noqa: F811
    path = proxy.serve(upstream=with_key(model))
    with Client(path) as streaming, Client(path) as other:
        begin_stream(streaming)
        proxy.leave()
        assert ask(other) == b"x"
        model.go_on.set()
        assert rest_of_stream(streaming) == 200 * 4096
    proxy.connect_daemon()


@pytest.mark.parametrize("with_daemon", [True, False])
def test_a_worker_that_is_killed_is_followed_by_another_one(proxy, model, with_daemon):  # noqa: F811
    path = proxy.serve(upstream=with_key(model))
    if not with_daemon:
        proxy.leave()
    for number in range(3):
        with Client(path) as client:
            assert ask(client, b"%d" % number) == b"%d" % number
        os.kill(proxy.worker, signal.SIGKILL)
    with Client(path) as client:
        assert ask(client) == b"x"
    assert model.seen[-1][1]["x-api-key"] == KEY
    if not with_daemon:
        proxy.connect_daemon()


def test_a_new_daemon_is_told_what_is_held_and_may_change_the_settings(proxy, model):  # noqa: F811
    path = proxy.serve(upstream=with_key(model))
    with Client(path) as client:
        assert ask(client) == b"x", "the order has arrived"
    proxy.leave()
    proxy.connect_daemon()
    assert proxy.hello == {"kind": "hello", "revision": None, "draining": False, "held": 1}
    assert proxy.held["alice"].getsockname() == str(path)
    with Client(path) as client:
        assert ask(client) == b"x"
        proxy.order(proxy.serves[0].model_copy(update={"upstream": Upstream(url=model.url, key="sk-the-new-one")}))
        while ask(client, b"y") and model.seen[-1][1]["x-api-key"] == KEY:
            continue
    assert model.seen[-1][1]["x-api-key"] == "sk-the-new-one", "on a connection that was open, too"


def test_a_newer_proxy_takes_over_and_the_older_one_ends_after_its_last_stream(model):  # noqa: F811
    with ProxyProcess(arguments=("--revision", "old")) as old, ProxyProcess(arguments=("--revision", "new")) as new:
        path = old.serve(upstream=with_key(model))
        with Client(path) as streaming, Client(path) as idle, Client(path) as waiting:
            begin_stream(streaming)
            assert ask(idle) == b"x"
            old.leave()
            old.connect_daemon()
            assert old.hello["revision"] == "old"
            serve = Serve(agent="alice", network=old.serves[0].network, upstream=with_key(model))
            socket.send_fds(new.control, [serve.model_dump_json().encode()], [old.held["alice"].fileno()])
            old.order(Drain())
            assert idle.file.read() == b"", "an idle connection is closed, so that the next request goes to the new one"
            assert ask(waiting) == b"x", "what was accepted before it was drained has its answer"
            with Client(path) as client:
                assert ask(client) == b"x"
            assert old.process.poll() is None
            model.go_on.set()
            assert rest_of_stream(streaming) == 200 * 4096
        assert old.process.wait(SECONDS) == 0


def test_when_the_keeper_is_killed_its_streams_go_on(proxy, model):  # noqa: F811
    path = proxy.serve(upstream=with_key(model))
    with Client(path) as streaming:
        begin_stream(streaming)
        proxy.kill()
        proxy.start()
        with Client(path) as client:
            assert ask(client) == b"x"
        model.go_on.set()
        assert rest_of_stream(streaming) == 200 * 4096


def test_it_ends_when_its_control_socket_is_removed(proxy, model):  # noqa: F811
    with Client(proxy.serve(upstream=with_key(model))) as client:
        assert ask(client) == b"x"
        proxy.path.unlink()
        assert proxy.process.wait(SECONDS) == 0
        assert client.file.read() == b""


def test_end_ends_its_streams_too(proxy, model):  # noqa: F811
    with Client(proxy.serve(upstream=with_key(model))) as client:
        begin_stream(client)
        proxy.order(End())
        assert proxy.process.wait(SECONDS) == 0
        assert client.file.read() == b""


@needs_root
def test_no_other_user_may_speak_to_it(proxy, model):  # noqa: F811
    proxy.serve(upstream=with_key(model))
    proxy.leave()
    os.chmod(proxy.folder.name, 0o755)
    proxy.path.chmod(0o666)
    script = f"import os, socket; os.setuid(54321); s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect({str(proxy.path)!r}); print(s.recv(100))"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=SECONDS)
    assert said.stdout.strip() == "b''", said
    proxy.connect_daemon()
    assert list(proxy.held) == ["alice"]
