"""How long `hive` takes from the shell's view: the whole process, interpreter included. Medians of 20."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from harness.wire.operator_api import TreeReply
from tests.actors.cli import rows
from tests.actors.cli.fake_daemon import FakeDaemon

ROUNDS = 20
LIMITS_MS = {"help": 100.0, "actors": 200.0}


def run() -> dict[str, object]:
    """Milliseconds of `hive --help` and `hive actors`, beside a bare interpreter and one that imports click."""
    with tempfile.TemporaryDirectory(prefix="hive-bench-") as folder:
        host = FakeDaemon(Path(folder))
        host.answers["actors"] = TreeReply(tree=rows.tree())
        try:
            env = {"PATH": os.environ["PATH"], "HOME": folder, "HIVE_RUN_DIR": folder}
            hive = [str(Path(sys.executable).with_name("hive"))]
            commands = {
                "python": [sys.executable, "-c", "pass"],
                "python_click": [sys.executable, "-c", "import click"],
                "help": [*hive, "--help"],
                "actors": [*hive, "actors"],
            }
            # In turns, so that a busy moment of the machine falls on all of them.
            samples = [{name: _milliseconds(argv, env) for name, argv in commands.items()} for _ in range(ROUNDS)]
        finally:
            host.close()
    medians = {f"{name}_ms": round(median(sample[name] for sample in samples), 1) for name in commands}
    worst = {f"{name}_worst_ms": round(max(sample[name] for sample in samples), 1) for name in LIMITS_MS}
    return {**medians, **worst, "limits_ms": LIMITS_MS, "rounds": ROUNDS}


def _milliseconds(argv: list[str], env: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, env=env, stdout=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000
