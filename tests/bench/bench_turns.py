"""What a turn costs beside the model: cold and warm in the harness, against a bare `claude --print` per turn.

The rehearsal model answers at once, so the time left is ours and Claude Code's. `python tests/bench/bench_turns.py`
prints JSON; milliseconds, medians.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness.claude.command import ENVIRONMENT
from harness.rehearsal.script import Rule
from harness.settings import find_claude
from tests.harness.rig import Rig
from tests.waiting import survivors

SCRIPT = [Rule.model_validate({"steps": [{"say": "Done."}]})]


def run(*, cold: int = 4, warm: int = 12, bare: int = 4) -> dict:
    """Medians in milliseconds and their ratios, all measured in this run."""
    with tempfile.TemporaryDirectory(prefix="hive-bench-") as folder:
        first, *cold_turns = _turns(Path(folder) / "cold", cold, warm_seconds=0)
        _, *warm_turns = _turns(Path(folder) / "warm", warm, warm_seconds=60)
        bare_turns = _bare(Path(folder) / "bare", bare)
    figures = {"first_ms": [first], "cold_ms": cold_turns, "warm_ms": warm_turns, "bare_print_ms": bare_turns}
    medians = {name: round(statistics.median(values), 1) for name, values in figures.items()}
    return {
        "name": "turns",
        **medians,
        "warm_to_first": round(medians["warm_ms"] / medians["first_ms"], 4),
        "warm_to_cold": round(medians["warm_ms"] / medians["cold_ms"], 4),
        "warm_to_bare": round(medians["warm_ms"] / medians["bare_print_ms"], 4),
        "cold_to_bare": round(medians["cold_ms"] / medians["bare_print_ms"], 3),
        "iterations": {name: len(values) for name, values in figures.items()},
    }


def _turns(folder: Path, number: int, *, warm_seconds: float) -> list[float]:
    """From the message's delivery to its acknowledgement. The first also imports the SDK; cold ones resume a session."""
    times = []
    with Rig(folder, SCRIPT, config={"warm_seconds": warm_seconds}) as rig:
        rig.start()
        for index in range(number + 1):
            rig.daemon.wait_state("idle")
            began = time.perf_counter()
            message = rig.daemon.deliver(f"turn {index}")
            rig.daemon.wait(lambda daemon, message=message: message in daemon.acked)
            times.append((time.perf_counter() - began) * 1000)
            rig.daemon.wait_turns(index + 1)
            if warm_seconds == 0:
                _until_alone(rig)
    return times


def _until_alone(rig: Rig) -> None:
    """A cold turn starts without a claude."""
    assert survivors(rig.children()) == []


def _bare(folder: Path, number: int) -> list[float]:
    """A process per turn, resumed, with the hive's tools over stdio: how a harness without a warm client works."""
    times = []
    with Rig(folder, SCRIPT) as rig:
        server = {"command": sys.executable, "args": ["-m", "harness.mcp", "--socket", str(rig.daemon.path)]}
        argv = [
            str(find_claude(None)), "--print", "--model", "haiku", "--setting-sources=", "--strict-mcp-config",
            "--mcp-config", json.dumps({"mcpServers": {"hive": server}}), "--tools", "Bash,Edit,Glob,Grep,Read,Write",
        ]  # fmt: skip
        env = {**rig.env, **ENVIRONMENT}
        for index in range(number + 1):
            began = time.perf_counter()
            more = ["--continue"] if index else []
            subprocess.run([*argv, *more, "--", f"turn {index}"], env=env, cwd=folder / "state", check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)  # fmt: skip
            times.append((time.perf_counter() - began) * 1000)
    return times[1:]


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
