"""The demo as a whole, with the real Claude Code, and what it leaves behind: nothing."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def demo(tmp_path):
    """Start `hive demo …` with a folder of its own for everything temporary."""
    started = []
    # Its sockets lie below TMPDIR, and a socket's path is short.
    place = Path("/tmp") / f"hd-{os.getpid()}"
    place.mkdir()

    def start(*arguments: str) -> subprocess.Popen:
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(place), "LANG": "C.UTF-8"}
        argv = [sys.executable, "-m", "actors.cli", "demo", *arguments]
        process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()
    left = list(place.iterdir())
    here = [
        one.info["cmdline"]
        for one in psutil.process_iter(["cmdline"])
        if str(place) in " ".join(one.info["cmdline"] or [])
    ]
    place.rmdir()
    assert left == []
    assert here == []


def test_the_demo_shows_the_whole_hive_at_work_and_ends_with_0(demo):
    out, err = demo("--once", "--seconds", "100").communicate()
    assert "Everything that was expected happened." in out, err
    table = out[out.index("AGENT ") :].splitlines()[1:5]
    assert [line.split()[0] for line in table] == ["manager", "alice", "bob", "carol"]
    for line in table:
        warmth = next(word for word in line.split() if word.startswith("1/"))
        assert int(warmth.removeprefix("1/")) >= 2, "a warm turn is not even half of a cold one"
    assert "├─ broker" in out
    decided = [line.split() for line in out.splitlines() if line.startswith(("approval #", "question #", "reminder #"))]
    assert [(words[0], *words[2:5]) for words in decided[:2]] == [
        ("approval", "spawn", "carol", "hm1nd"), ("approval", "apply_commit", "bob", "hm1nd"),
    ]  # fmt: skip
    outcomes = {"approved", "denied", "answered", "fired"}
    assert [next(word for word in words if word in outcomes) for words in decided] == [
        "approved", "denied", "answered", "fired",
    ]  # fmt: skip
    assert err == ""


def test_a_demo_that_runs_out_of_time_says_what_is_missing_and_ends_with_1(demo):
    process = demo("--once", "--seconds", "1.2")
    out, err = process.communicate()
    assert process.returncode == 1
    assert "Missing: manager did not report to operator" in err or "did not get ready in time" in err, out


def test_a_demo_that_is_interrupted_takes_everything_along(demo):
    process = demo("--runtime", "process", "--web-port", "0")
    for line in process.stdout:
        if "manager → alice" in line:
            process.send_signal(signal.SIGTERM)
            break
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM


def test_settings_the_hive_refuses_end_the_demo_with_their_reason(demo):
    process = demo("--once", "--runtime", "docker")
    _, err = process.communicate()
    assert process.returncode == 2
    assert err.startswith("Error: expected runtime to be one of")
