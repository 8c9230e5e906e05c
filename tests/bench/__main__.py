"""`python -m tests.bench [NAME …]`: run the benchmarks that are there, print one JSON document.

A benchmark is a module `bench_<name>.py` with `run() -> dict`. One that fails is reported with its reason and ends
the whole with 1; the others still run.
"""

import importlib
import json
import os
import platform
import sqlite3
import subprocess
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent


def machine() -> dict[str, object]:
    """What the figures depend on."""
    model = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return {
        "cpu": model[0] if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "load": os.getloadavg()[0],
        "commit": commit.stdout.strip() or None,
    }


def main(names: list[str]) -> int:
    there = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = [name for name in names if name not in there]
    if unknown:
        print(f"Error: no benchmark {', '.join(unknown)}\nTry: {' '.join(there)}", file=sys.stderr)
        return 2
    results: dict[str, object] = {"machine": machine()}
    failed = False
    for name in names or there:
        began = time.monotonic()
        print(f"{name} …", file=sys.stderr)
        try:
            results[name] = importlib.import_module(f"tests.bench.bench_{name}").run()
        except Exception as error:
            traceback.print_exc()
            results[name], failed = {"error": f"{type(error).__name__}: {error}"}, True
        print(f"{name} took {time.monotonic() - began:.1f} s", file=sys.stderr)
    print(json.dumps(results, indent=2))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
