"""What hive-proxy adds to a request for the model: time to the first byte, the rate of a long answer, many at once.

The same server is asked directly and through the proxy, in turn, so that both see the same machine.
"""

import socket
import statistics
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil

from harness.wire.proxy import Upstream
from tests.harness.proxy_process import ProxyProcess

ANSWER_BYTES = 128 * 1024**2
PIECE = b"x" * 65536
STREAMS, AGENTS = 200, 20
EVENTS, EVENT_SECONDS = 200, 0.005
"""A streamed answer at the rate of a fast model: an event every five milliseconds."""


class _Model(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        what = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        if what == b"stream":
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            for _ in range(EVENTS):
                self.wfile.write(b"40\r\n" + b"e" * 64 + b"\r\n")
                time.sleep(EVENT_SECONDS)
            self.wfile.write(b"0\r\n\r\n")
            return
        size = ANSWER_BYTES if what == b"long" else 64
        self.send_header("content-length", str(size))
        self.end_headers()
        for _ in range(max(1, size // len(PIECE))):
            self.wfile.write(PIECE[:size])


def run(*, requests: int = 200, long: int = 3) -> dict:
    """Milliseconds and MB/s, medians; differences and ratios of them."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Model) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            with ProxyProcess() as proxy:
                path = proxy.serve(upstream=Upstream(url=f"http://127.0.0.1:{server.server_address[1]}", key="k"))
                ways = {"direct": server.server_address, "proxied": str(path)}
                figures = _measure(ways, requests, long)
                return figures | _crowd(proxy, Upstream(url=f"http://127.0.0.1:{server.server_address[1]}", key="k"))
        finally:
            server.shutdown()


def _measure(ways, requests, long) -> dict:
    open_ones = {name: _connect(address) for name, address in ways.items()}
    first = {name: [] for name in ways}
    for number in range(requests + 5):
        for name, sock in open_ones.items():
            seconds, _ = _ask(sock, b"short")
            if number >= 5:
                first[name].append(seconds * 1000)
    rate = {
        name: [ANSWER_BYTES / 1e6 / _ask(sock, b"long")[1] for _ in range(long)] for name, sock in open_ones.items()
    }
    streamed = {name: [_ask(sock, b"stream")[1] for _ in range(long)] for name, sock in open_ones.items()}
    for sock in open_ones.values():
        sock.close()
    first, rate, streamed = ({n: statistics.median(v) for n, v in one.items()} for one in (first, rate, streamed))
    return {
        "name": "proxy",
        "first_byte_direct_ms": round(first["direct"], 3),
        "first_byte_proxied_ms": round(first["proxied"], 3),
        "first_byte_added_ms": round(first["proxied"] - first["direct"], 3),
        "long_answer_direct_mb_s": round(rate["direct"]),
        "long_answer_proxied_mb_s": round(rate["proxied"]),
        "streamed_answer_ratio": round(streamed["direct"] / streamed["proxied"], 4),
    }


def _crowd(proxy, upstream) -> dict:
    """Many streams at once: what they cost the process that serves, and how much longer they take than they have to."""
    paths = [proxy.serve(f"agent{number}", upstream=upstream) for number in range(AGENTS)]
    worker = psutil.Process(proxy.worker)
    before = worker.cpu_times()
    began = time.perf_counter()
    threads = [
        threading.Thread(target=lambda path=path: _ask(_connect(str(path)), b"stream"))
        for path in paths
        for _ in range(STREAMS // AGENTS)
    ]
    for thread in threads:
        thread.start()
    time.sleep(EVENTS * EVENT_SECONDS / 2)
    memory = worker.memory_info().rss
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    spent = worker.cpu_times()
    seconds = spent.user + spent.system - before.user - before.system
    return {
        "streams": STREAMS,
        "streams_cpu_ms_each": round(seconds * 1000 / STREAMS, 2),
        "streams_cpu_us_per_event": round(seconds * 1e6 / STREAMS / EVENTS, 1),
        "streams_memory_mb": round(memory / 1024**2),
        "streams_seconds": round(took, 2),
    }


def _connect(address):
    sock = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    sock.connect(address)
    return sock


def _ask(sock, what):
    """Seconds to the first byte and to the last."""
    began = time.perf_counter()
    sock.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: m\r\nContent-Length: %d\r\n\r\n" % len(what) + what)
    data = sock.recv(1 << 20)
    first = time.perf_counter() - began
    while b"\r\n\r\n" not in data:
        data += sock.recv(1 << 20)
    head, _, body = data.partition(b"\r\n\r\n")
    if b"chunked" in head.lower():
        while not body.endswith(b"0\r\n\r\n"):
            body += sock.recv(1 << 20)
    else:
        left = int(head.lower().partition(b"content-length: ")[2].split()[0]) - len(body)
        while left:
            left -= len(sock.recv(min(left, 1 << 20)))
    return first, time.perf_counter() - began
