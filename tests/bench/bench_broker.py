"""Durable sends through a real socket, beside Redis Streams and NATS JetStream on the same disk in the same run.

Clients are one other process. Every send of ours and of Redis (`appendfsync always`) is on disk when it is answered;
JetStream answers before that (its file store syncs every two minutes), and its figures say so.
`python -m tests.bench.bench_broker` prints JSON; it takes less than a minute.
"""

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from tests.bench.load import percentile

ROOT = Path(__file__).parents[2]
NAMES = [f"r{number}" for number in range(4)]
LOADS = {
    "1_client": {"connections": 1, "seconds": 2},
    "64_clients": {"connections": 64, "seconds": 3},
    "256_clients": {"connections": 256, "seconds": 3},
    "50_clients_offering_1000_per_second": {"connections": 50, "seconds": 5, "rate": 1000},
}
WAKES = 500


def run():
    found = {"body_bytes": 512}
    with tempfile.TemporaryDirectory() as folder, hive(Path(folder)) as (addresses, process):
        memory = [process.memory_info().rss]
        found["hive"] = loads("hive", addresses)
        memory.append(process.memory_info().rss)
        found["hive"]["wake_of_a_long_poll"] = wakes(Path(folder))
        found["hive"]["memory_mb"] = {"idle": memory[0] // 2**20, "with_the_queued_messages": memory[1] // 2**20}
    for name, server in (("redis", redis), ("nats", nats)):
        if shutil.which(f"{name}-server") is None:
            found[name] = f"{name}-server is not installed"
            continue
        with tempfile.TemporaryDirectory() as folder, server(Path(folder)) as address:
            found[name] = loads(name, address)
            found[name]["durable_when_answered"] = name == "redis"
            found[f"hive_to_{name}"] = {
                load: ratio(found["hive"][load], found[name][load]) for load in LOADS if "rate" not in LOADS[load]
            }
    return found


def ratio(ours, theirs):
    return round(ours["per_second"] / theirs["per_second"], 2)


def loads(protocol, address):
    return {name: load(protocol, address, **shape) for name, shape in LOADS.items()}


def load(protocol, address, **shape):
    words = json.dumps({"protocol": protocol, "address": address, **shape})
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load", words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(done.stdout)


def wakes(folder):
    """From just before the send to the return of the recv that waited, two connections, two threads."""
    took, waiting = [], threading.Semaphore(0)
    times = {}

    def reader():
        with connected(folder / "w1.sock") as ask:
            for number in range(WAKES):
                waiting.release()
                ask(cmd="recv", wait_seconds=30)
                took.append(time.perf_counter() - times[number])
                ask(cmd="ack_turn")

    thread = threading.Thread(target=reader)
    thread.start()
    with connected(folder / "w0.sock") as ask:
        for number in range(WAKES):
            waiting.acquire()
            time.sleep(0.002)  # the recv must be waiting by now; the wait is not part of the figure
            times[number] = time.perf_counter()
            ask(cmd="send", to="w1", body="x")
    thread.join()
    return {"p50_ms": round(percentile(took, 0.5) * 1000, 3), "p99_ms": round(percentile(took, 0.99) * 1000, 3)}


@contextlib.contextmanager
def connected(path):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(str(path))
        with sock.makefile("rb") as lines:

            def ask(**request):
                sock.sendall(json.dumps(request).encode() + b"\n")
                reply = json.loads(lines.readline())
                assert reply["ok"], reply
                return reply

            yield ask


def hive(folder):
    return broker_of(ROOT, folder, sys.executable)


@contextlib.contextmanager
def broker_of(checkout, folder, python=None, *options):
    """The broker of a checkout behind its real sockets in `folder`; `python` is the checkout's own if not given."""
    python = python or str(checkout / ".venv/bin/python")
    argv = [python, "-m", "tests.actors.broker.post_office", str(folder), *NAMES, "w0", "w1", *options]
    with ended(subprocess.Popen(argv, cwd=checkout, stdout=subprocess.PIPE)) as process:
        assert process.stdout.readline() == b"ready\n"
        yield [str(folder / f"{name}.sock") for name in NAMES], psutil.Process(process.pid)


@contextlib.contextmanager
def redis(folder):
    port = free_port()
    options = [
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(folder),
        "--appendonly",
        "yes",
        "--appendfsync",
        "always",
        "--save",
        "",
    ]
    with ended(subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)):
        await_port(port)
        yield ["127.0.0.1", port]


@contextlib.contextmanager
def nats(folder):
    port = free_port()
    with ended(
        subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder)], stderr=subprocess.DEVNULL
        )
    ):
        await_port(port)
        stream = json.dumps({"name": "HIVE", "subjects": ["hive.*"], "storage": "file", "retention": "limits"}).encode()
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.recv(65536)
            sock.sendall(b'CONNECT {"verbose":false}\r\nSUB _INBOX.s 1\r\n')
            sock.sendall(b"PUB $JS.API.STREAM.CREATE.HIVE _INBOX.s %d\r\n%s\r\n" % (len(stream), stream))
            answer = b""
            while b'"created"' not in answer:
                answer += sock.recv(65536)
                assert b'"error"' not in answer, answer
        yield ["127.0.0.1", port]


@contextlib.contextmanager
def ended(process):
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def await_port(port):
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)  # a foreign server: nothing tells of its port; not part of any figure
    raise TimeoutError(f"nothing listens on {port}")


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
