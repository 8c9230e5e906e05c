"""What an actor costs: asking, telling, starting, keeping and restarting one.

Against pykka's own ThreadingActor in the same run and, where `erl` is there, against OTP's gen_server and supervisor.
    python -m tests.bench.bench_supervision
"""

import gc
import json
import logging
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import pykka

from actors.supervision import (
    Actor,
    ChildSpec,
    Directory,
    Restart,
    Supervisor,
    SupervisorFlags,
    settle,
    start_child,
)

ASKS = 100_000
THREAD_ASKS = 10_000
ACTORS = 10_000
THREADS = 500
CRASHES = 500
ROUNDS = 3
LIMITS = {
    "ask_per_second": 60_000,
    "spawn_microseconds": 150,
    "kib_per_actor": 25,
    "crash_to_restarted_p99_microseconds": 1_000,
}
OTP = Path(__file__).with_name("bench_supervision_otp.erl")


class Echo(Actor):
    """Answers, and notes when it came up."""

    up_at = 0.0

    def on_start(self) -> None:
        Echo.up_at = time.perf_counter()

    def handle(self, message: Any) -> Any:
        if message == "crash":
            raise RuntimeError("told to crash")
        return message


class ThreadEcho(pykka.ThreadingActor):
    def on_receive(self, message: Any) -> Any:
        return message


def run() -> dict[str, object]:
    """Medians of three rounds each; crash to restarted over all crashes."""
    # The crashes are on purpose; writing 500 tracebacks would be what is measured.
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        ours, threads = _ours(), _threads()
    finally:
        logging.disable(before)
    return {
        "ours": ours,
        "pykka_threads": threads,
        "otp": _otp(),
        "ask_against_pykka_threads": round(ours["ask_per_second"] / threads["ask_per_second"], 1),
        "limits": LIMITS,
    }


def _ours() -> dict[str, float]:
    directory = Directory()
    flags = SupervisorFlags(intensity=10**9)
    directory.boot(Supervisor(flags, [ChildSpec("echo", Echo)], directory=directory))
    asks = [_per_second(ASKS, lambda: directory.ask("echo", 1)) for _ in range(ROUNDS)]
    tells = [
        _per_second(ASKS, lambda: directory.tell("echo", 1), lambda: directory.ask("echo", 1)) for _ in range(ROUNDS)
    ]
    crashes = [_crash(directory) for _ in range(CRASHES)]
    percentiles = quantiles(crashes, n=100)
    spawns, sizes = _spawn(directory)
    crashes_in_a_crowd = [_crash(directory) for _ in range(100)]
    stopped = time.perf_counter()
    directory.stop(directory.root)
    return {
        "ask_per_second": round(median(asks)),
        "tell_per_second": round(median(tells)),
        "crash_to_restarted_p50_microseconds": round(percentiles[49], 1),
        "crash_to_restarted_p99_microseconds": round(percentiles[98], 1),
        "crash_to_restarted_among_10000_p50_microseconds": round(median(crashes_in_a_crowd), 1),
        "spawn_microseconds": round(spawns, 1),
        "kib_per_actor": round(sizes, 1),
        "actors": ACTORS,
        "stop_all_seconds": round(time.perf_counter() - stopped, 3),
    }


def _crash(directory: Directory) -> float:
    began = time.perf_counter()
    directory.tell("echo", "crash")
    settle()
    assert Echo.up_at > began, "it was not restarted"
    return (Echo.up_at - began) * 1e6


def _spawn(directory: Directory) -> tuple[float, float]:
    """Microseconds for one supervised start, until it is up, and KiB each."""
    gc.collect()
    before = _resident_bytes()
    began = time.perf_counter()
    for number in range(ACTORS):
        start_child(directory, directory.root, ChildSpec(f"a{number}", Echo, restart=Restart.TEMPORARY))
    seconds = time.perf_counter() - began
    return seconds / ACTORS * 1e6, (_resident_bytes() - before) / ACTORS / 1024


def _threads() -> dict[str, float]:
    ref = ThreadEcho.start()
    asks = [_per_second(THREAD_ASKS, lambda: ref.ask(1)) for _ in range(ROUNDS)]
    tells = [_per_second(THREAD_ASKS, lambda: ref.tell(1), lambda: ref.ask(1)) for _ in range(ROUNDS)]
    before = _resident_bytes()
    began = time.perf_counter()
    refs = [ThreadEcho.start() for _ in range(THREADS)]
    for each in refs:
        each.ask(1)
    seconds = time.perf_counter() - began
    size = (_resident_bytes() - before) / THREADS / 1024
    for each in [*refs, ref]:
        each.stop()
    return {
        "ask_per_second": round(median(asks)),
        "tell_per_second": round(median(tells)),
        "spawn_microseconds": round(seconds / THREADS * 1e6, 1),
        "kib_per_actor": round(size, 1),
        "actors": THREADS,
    }


def _otp() -> dict[str, float] | None:
    """The figures of Erlang/OTP; None where it is not installed."""
    if shutil.which("erl") is None or shutil.which("erlc") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["erlc", "-o", folder, str(OTP)], check=True)
        run_it = ["erl", "-noshell", "-pa", folder, "-run", OTP.stem, "main"]
        shown = subprocess.run(run_it, check=True, capture_output=True, text=True, timeout=120)
    return {name: round(float(value), 1) for name, value in map(str.split, shown.stdout.splitlines())}


def _per_second(times: int, once: Callable[[], object], finish: Callable[[], object] = lambda: None) -> float:
    began = time.perf_counter()
    for _ in range(times):
        once()
    finish()
    return times / (time.perf_counter() - began)


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
