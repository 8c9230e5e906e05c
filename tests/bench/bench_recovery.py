"""How fast a death is noticed, shown and repaired, against runit, s6 and supervisord where they are installed.

The hive's side is the real daemon with real harnesses in bubblewrap. Each agent is killed once: the first restart
after a quiet time is immediate, the pauses after that are policy, not speed.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
from gevent.socket import wait_read

from actors.cli.client import DaemonClient
from actors.supervision import ChildSpec, Directory, ProcessActor, Supervisor, SupervisorFlags
from tests.campaigns.real_hive import RealHive

AGENTS = 20
KILLS = 8
UPTIME_SECONDS = 1.2
"""The others leave a second between two starts; they restart a process that has run so long as fast as they can."""
SECONDS = 20.0


def run() -> dict[str, object]:
    """Milliseconds, medians and 99th percentiles (of so few: nearly the worst)."""
    return {"hive": _hive(), "process": {name: figure for name, figure in _processes() if figure is not None}}


# ---- the hive --------------------------------------------------------------------------------------------------


def _hive() -> dict[str, object]:
    told, noticed, running, asking = [], [], [], []
    with RealHive(runtime="bwrap") as hive:
        names = [f"a{number}" for number in range(AGENTS)]
        hive.spawn(*names)
        # The manager's mail comes to this process: its own harness would take it away.
        hive.ask("stop", scope={"agent_names": ["manager"]})
        with hive.events() as events, DaemonClient(hive.run / "harness/hm1nd.sock") as manager:
            while manager.request("recv", max=32)["messages"]:
                manager.request("ack_turn")
            for name in names:
                manager.send("recv", wait_seconds=60)
                pid = hive.harness(name).pid
                while events.waiting(0.05):
                    continue  # what is left of the last one
                began = time.perf_counter()
                os.kill(pid, signal.SIGKILL)
                told.append((_reply(manager) - began) * 1000)
                moments = _life(events, name)
                noticed.append((moments["gone"] - began) * 1000)
                running.append((moments["running"] - began) * 1000)
                asking.append((moments["idle"] - began) * 1000)
                manager.request("ack_turn")
    return {
        "kills": AGENTS,
        "noticed_ms": _figures(noticed),
        "crash_to_event_in_inbox_ms": _figures(told),
        "killed_to_running_ms": _figures(running),
        "killed_to_asking_for_mail_ms": _figures(asking),
    }


def _reply(manager: DaemonClient) -> float:
    frame = manager.waiting(SECONDS)
    assert frame is not None
    assert "container_crash" in frame["messages"][0]["body"]
    return time.perf_counter()


def _life(events: DaemonClient, name: str) -> dict[str, float]:
    """When the agent's row showed that it was gone, running, and idle again."""
    moments: dict[str, float] = {}
    while "idle" not in moments:
        event = events.waiting(SECONDS)
        assert event is not None, f"{name} did not come back: {moments}"
        if event["kind"] != "agent" or event["data"]["name"] != name:
            continue
        now, row = time.perf_counter(), event["data"]
        if not row["running"]:
            moments.setdefault("gone", now)
        elif "gone" in moments:
            moments.setdefault("running", now)
            if row["state"] == "idle":
                moments["idle"] = now
    return moments


# ---- plain processes -------------------------------------------------------------------------------------------


def _processes() -> list[tuple[str, dict[str, float] | None]]:
    """From the kill of a process until its successor has begun, for each supervisor there is."""
    return [("hive", _own()), ("runit", _runit()), ("s6", _s6()), ("supervisord", _supervisord())]


class Service:
    """A program that reports its pid when it starts, in a service folder for runit and s6."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.fifo = folder, folder / "started"
        os.mkfifo(self.fifo)
        self.pipe = os.open(self.fifo, os.O_RDWR | os.O_NONBLOCK)
        self.run = folder / "run"
        self.run.write_text(f"#!/bin/sh\necho $$ > {self.fifo}\nexec sleep infinity\n")
        self.run.chmod(0o755)

    def started(self) -> int:
        ready, _, _ = select.select([self.pipe], [], [], SECONDS)
        assert ready, "it did not start"
        return int(os.read(self.pipe, 100))

    def close(self) -> None:
        os.close(self.pipe)


@contextlib.contextmanager
def _service() -> Iterator[Service]:
    with tempfile.TemporaryDirectory(prefix="hive-bench-") as folder:
        service = Service(Path(folder))
        try:
            yield service
        finally:
            service.close()


def _foreign(program: str, argv: Callable[[Service], list[str]]) -> dict[str, float] | None:
    if shutil.which(program) is None:
        return None
    with _service() as service:
        nothing = subprocess.DEVNULL
        with subprocess.Popen(argv(service), stdout=nothing, stderr=nothing, cwd=service.folder) as process:
            pid, times = service.started(), []
            try:
                for _ in range(KILLS):
                    time.sleep(UPTIME_SECONDS)  # the scenario: it has run for a while when it is killed
                    began = time.perf_counter()
                    os.kill(pid, signal.SIGKILL)
                    pid = service.started()
                    times.append((time.perf_counter() - began) * 1000)
            finally:
                process.terminate()
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
    return _figures(times)


def _runit() -> dict[str, float] | None:
    return _foreign("runsv", lambda service: ["runsv", str(service.folder)])


def _s6() -> dict[str, float] | None:
    return _foreign("s6-supervise", lambda service: ["s6-supervise", str(service.folder)])


def _supervisord() -> dict[str, float] | None:
    def argv(service: Service) -> list[str]:
        config = service.folder / "supervisord.conf"
        config.write_text(
            f"[supervisord]\nnodaemon=true\npidfile={service.folder}/pid\nlogfile=/dev/null\nlogfile_maxbytes=0\n"
            f"[program:x]\ncommand={service.run}\nstartsecs=0\nautorestart=true\n"
        )
        return ["supervisord", "-c", str(config)]

    return _foreign("supervisord", argv)


def _own() -> dict[str, float]:
    """The kill of that process below this package's own supervisor."""
    with _service() as service:
        directory = Directory()
        spec = ChildSpec("service", lambda: ProcessActor([str(service.run)]))
        directory.boot(Supervisor(SupervisorFlags(intensity=1000, period=60.0), [spec], directory=directory))
        times = []
        try:
            wait_read(service.pipe, SECONDS)
            pid = service.started()
            for _ in range(KILLS):
                gevent.sleep(UPTIME_SECONDS)  # the scenario, as above
                began = time.perf_counter()
                os.kill(pid, signal.SIGKILL)
                wait_read(service.pipe, SECONDS)
                pid = service.started()
                times.append((time.perf_counter() - began) * 1000)
        finally:
            directory.stop("hive", SECONDS)
    return _figures(times)


def _figures(milliseconds: list[float]) -> dict[str, float]:
    ordered = sorted(milliseconds)
    return {
        "p50": round(statistics.median(ordered), 2),
        "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))], 2),
    }


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
