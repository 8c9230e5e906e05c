"""What 100 registered agents cost a daemon while nothing happens.

Each agent's two long polls (`recv` and `control`) are parked by this process, as its harness would park them.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from actors.cli.client import DaemonClient

AGENTS = 100
SECONDS = 10.0
PARK_SECONDS = 170.0
LIMIT_PERCENT = 1.0


def run() -> dict[str, object]:
    """CPU of the daemon in percent of one core, its memory and files, without the agents and with them."""
    with (
        tempfile.TemporaryDirectory(prefix="hive-idle-") as folder,
        _daemon(Path(folder)) as daemon,
        DaemonClient(Path(folder) / "run/host.sock") as host,
    ):
        names = [f"idle-{number}" for number in range(AGENTS)]
        began = time.monotonic()
        for name in names:
            host.request("spawn", name=name)
        spawned = time.monotonic() - began
        with _parked(Path(folder) / "run/harness", names):
            percent = _cpu_percent(daemon, SECONDS)
            memory = daemon.memory_info().rss
            files = daemon.num_fds()
        host.request("stop", scope={"agent_names": host.request("list")["agents"]}, graceful=False)
    return {
        "agents": AGENTS,
        "daemon_cpu_percent": round(percent, 3),
        "limit_percent": LIMIT_PERCENT,
        "measured_seconds": SECONDS,
        "daemon_rss_bytes": memory,
        "daemon_files": files,
        "spawn_ms_each": round(spawned / AGENTS * 1000, 1),
    }


@contextlib.contextmanager
def _daemon(folder: Path) -> Iterator[psutil.Process]:
    argv = [sys.executable, "-m", "tests.bench.idle_daemon", str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line == "READY\n", f"the daemon did not get ready: {line!r}"
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def _parked(sockets: Path, names: list[str]) -> Iterator[None]:
    """Two connections an agent, both waiting; the inboxes are drained and acknowledged first."""
    with contextlib.ExitStack() as stack:
        clients = []
        for name in names:
            for verb in ("recv", "control"):
                client = stack.enter_context(DaemonClient(sockets / f"{name}.sock"))
                while verb == "recv" and client.request("recv", max=32)["messages"]:
                    client.request("ack_turn")
                client.send(verb, wait_seconds=PARK_SECONDS)
                clients.append(client)
        # A control poll may answer at once with what the host wants; from then on it waits.
        answered, _, _ = select.select(clients, [], [], 1.0)
        for client in answered:
            client.waiting(1.0)
        yield


def _cpu_percent(process: psutil.Process, seconds: float) -> float:
    before, began = process.cpu_times(), time.monotonic()
    select.select([], [], [], seconds)
    after, took = process.cpu_times(), time.monotonic() - began
    return (after.user + after.system - before.user - before.system) / took * 100
