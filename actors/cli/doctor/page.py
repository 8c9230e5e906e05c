"""The browser libraries of the dashboard: the files themselves, asked of the program that builds them."""

import importlib.util
import subprocess
import sys
from pathlib import Path

from actors.cli.doctor.finding import Finding, Level
from actors.daemon_settings import DaemonSettings

LOOK_SECONDS = 30.0


def page_libraries(_: DaemonSettings) -> Finding:
    spec = importlib.util.find_spec("web")
    places = [Path(place) / "build.py" for place in (spec.submodule_search_locations if spec else None) or ()]
    build = next((place for place in places if place.is_file()), None)
    if build is None:
        return Finding("web", Level.BAD, "the dashboard's package is not installed", "install hive's packages again")
    done = subprocess.run(
        [sys.executable, "-I", str(build), "--check"], capture_output=True, text=True, timeout=LOOK_SECONDS, check=False
    )
    if done.returncode == 0:
        return Finding("web", Level.OK, done.stdout.strip())
    text = (done.stderr or done.stdout).strip().splitlines() or ["the look at them failed"]
    hint = f"install npm, then {sys.executable} {build}"
    return Finding("web", Level.WARN, f"{text[-1]}: the page is for reading only", hint)
