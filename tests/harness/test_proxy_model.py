"""The way to the model: the key is added outside, answers stream, and a new proxy takes up where the old one ended."""

import json
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from harness.wire.network import Network
from harness.wire.proxy import Upstream
from tests.harness.proxy_process import Client, ProxyProcess
from tests.needs import needs_root
from tests.waiting import SECONDS

KEY = "sk-the-operators-own"


class Model(ThreadingHTTPServer):
    """A model that tells what it was sent."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen, self.go_on, self.broken = [], threading.Event(), threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.go_on.set()
        self.shutdown()
        self.server_close()
        self.thread.join()

    def handle_error(self, *_):
        self.broken.set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.seen.append((self.path, {key.lower(): value for key, value in self.headers.items()}, body))
        self.send_response(200)
        if b"stream" in body:
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nfirst\r\n")
            self.wfile.flush()
            self.server.go_on.wait(SECONDS)
            for _ in range(200):  # until the other end is known to be gone
                self.wfile.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
            return
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        self.send_response(200)
        self.send_header("content-length", "12")
        self.end_headers()


@pytest.fixture
def model():
    model = Model()
    yield model
    model.close()


@pytest.fixture
def proxy():
    with ProxyProcess() as proxy:
        yield proxy


def with_key(model):
    return Upstream(url=model.url, key=KEY)


def test_the_proxy_adds_a_token_as_a_subscriber_sends_it(proxy, model):
    dummy = {"Authorization": "Bearer the-proxy-adds-the-key", "anthropic-beta": "oauth-2025-04-20,other"}
    with Client(proxy.serve(upstream=Upstream(url=model.url, token=KEY))) as client:
        assert client.request("POST", "/v1/messages?beta=true", body=b"hello", x_api_key="mine", **dummy)[0] == 200
        assert client.request("GET", "/api/oauth/profile", **dummy)[0] == 403, "of the account nothing is for agents"
    ((_, headers, _),) = model.seen
    assert (headers["authorization"], headers["anthropic-beta"]) == (f"Bearer {KEY}", "oauth-2025-04-20,other")
    assert "x-api-key" not in headers


def test_the_proxy_adds_the_key_and_takes_away_what_the_agent_sends(proxy, model):
    with Client(proxy.serve(upstream=with_key(model))) as client:
        sent = client.request(
            "POST",
            "/v1/messages?beta=true",
            body=b"hello",
            x_api_key="dummy",
            Authorization="Bearer mine",
            Cookie="a=b",
        )
    assert (sent[0], sent[2]) == (200, b"hello")
    ((path, headers, _),) = model.seen
    assert path == "/v1/messages?beta=true"
    assert headers["x-api-key"] == KEY
    assert headers["host"] == model.url.removeprefix("http://")
    assert not {"authorization", "cookie"} & headers.keys()
    assert KEY not in str(sent)


def test_without_a_key_the_agents_own_credentials_pass(proxy, model):
    with Client(proxy.serve(upstream=Upstream(url=model.url + "/gateway/"))) as client:
        assert client.request("POST", "/v1/messages", body=b"x", Authorization="Bearer mine")[0] == 200
    ((path, headers, _),) = model.seen
    assert (path, headers["authorization"]) == ("/gateway/v1/messages", "Bearer mine")


def test_what_claude_does_not_need_of_the_api_is_refused_before_the_key_is_used(proxy, model):
    path = proxy.serve(upstream=with_key(model))
    for target in ("/v1/files", "/v1/messages/batches", "/v1/organizations/me"):
        with Client(path) as client:
            status, _, body = client.request("POST", target, body=b"x")
            assert (status, json.loads(body)["error"]["type"]) == (403, "permission_error")
    assert model.seen == []


def test_one_connection_carries_many_requests_with_bodies_of_both_kinds(proxy, model):
    with Client(proxy.serve(upstream=with_key(model))) as client:
        for number in range(5):
            body = b"%d" % number * 70_000
            assert client.request("POST", "/v1/messages", body=body)[2] == body
        assert client.sock.send(b"HEAD / HTTP/1.1\r\n\r\n")
        assert client.head()[0] == 200
        client.send(b"POST /v1/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        assert client.answer()[2] == b"abcde"
    assert len({headers["x-api-key"] for _, headers, _ in model.seen}) == 1


def test_an_answer_reaches_the_agent_while_the_model_still_writes(proxy, model):
    with Client(proxy.serve(upstream=with_key(model))) as client:
        client.send(b"POST /v1/messages HTTP/1.1\r\nContent-Length: 6\r\n\r\nstream")
        assert client.head()[0] == 200
        assert client.file.readline() + client.file.readline() == b"5\r\nfirst\r\n"
        assert not model.go_on.is_set(), "the model has not gone on yet"
        model.go_on.set()
        assert client.file.readline() == b"1000\r\n"


def test_a_cancelled_request_is_cancelled_at_the_model(proxy, model):
    with Client(proxy.serve(upstream=with_key(model))) as client:
        client.send(b"POST /v1/messages HTTP/1.1\r\nContent-Length: 6\r\n\r\nstream")
        client.head()
    model.go_on.set()
    assert model.broken.wait(SECONDS), "the model's write fails"


def test_a_model_that_is_not_there_is_an_error_that_claude_tries_again(proxy):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with Client(proxy.serve(upstream=Upstream(url=url, key=KEY))) as client:
        status, _, body = client.request("POST", "/v1/messages", body=b"x")
    assert status == 502
    assert json.loads(body)["error"]["type"] == "api_error"


def test_a_request_made_while_there_is_no_proxy_is_served_by_the_next_one(proxy, model):
    path = proxy.serve(upstream=with_key(model))
    with Client(path) as client:
        assert client.request("POST", "/v1/messages", body=b"x")[0] == 200
    proxy.kill()
    with Client(path) as client:
        client.send(b"POST /v1/messages HTTP/1.1\r\nContent-Length: 1\r\n\r\nx")
        proxy.start()
        assert client.answer()[2] == b"x"


@needs_root
def test_the_key_is_in_no_place_where_another_process_of_its_user_may_look(model):
    with ProxyProcess(arguments=("--uid", "54321")) as proxy:
        with Client(proxy.serve(upstream=with_key(model))) as client:
            assert client.request("POST", "/v1/messages", body=b"x")[0] == 200
        for pid in (proxy.process.pid, proxy.worker):
            check_closed(Path(f"/proc/{pid}"))
    assert KEY not in str(with_key(model))


def check_closed(folder):
    """A process of the proxy, which has no right and shows nothing."""
    status = (folder / "status").read_text().split()
    assert status[status.index("Uid:") + 1 :][:4] == ["54321"] * 4
    assert status[status.index("CapEff:") + 1] == "0" * 16
    assert KEY.encode() not in (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
    assert (folder / "environ").stat().st_uid == 0, "not dumpable: memory and environment are root's alone"
    peek = ["setpriv", "--reuid", "54321", "--clear-groups", "head", "-c1", str(folder / "environ")]
    assert subprocess.run(peek, capture_output=True).returncode != 0


def test_an_agent_served_again_has_its_new_settings_and_keeps_its_connections(proxy, model):
    path = proxy.serve(upstream=with_key(model), network=Network(mode="none"))
    with Client(path) as client:
        assert client.request("POST", "/v1/messages", body=b"x")[0] == 200
        path.unlink()
        proxy.listening["alice"].close()
        path = proxy.serve(upstream=Upstream(url=model.url))
        assert client.request("POST", "/v1/messages", body=b"y")[2] == b"y"
    with Client(path) as client:
        client.request("POST", "/v1/messages", body=b"z", x_api_key="own")
    assert model.seen[-1][1]["x-api-key"] == "own"


def test_a_closed_agent_is_served_no_longer(proxy, model):
    with Client(proxy.serve(upstream=with_key(model))) as client:
        assert client.request("POST", "/v1/messages", body=b"x")[0] == 200
        proxy.close_agent("alice")
        assert client.file.read() == b""


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/9\r\n\r\n",
        b"A" * 200_000,
        b"\5",
        b"\0" * 99,
        b"GET ftp://a/ HTTP/1.1\r\n\r\n",
    ],
)
def test_junk_ends_its_own_connection_and_nothing_else(proxy, model, junk):
    path = proxy.serve(upstream=with_key(model))
    with Client(path) as client:
        try:
            client.send(junk)
            client.sock.shutdown(socket.SHUT_WR)
            client.file.read()
        except OSError:
            pass
    with Client(path) as client:
        assert client.request("POST", "/v1/messages", body=b"x")[0] == 200
