"""The demo as a whole, with the real Claude Code, and what it leaves behind: nothing."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.torture import count

# A loaded machine makes a demo longer, and must not make it fail: only a demo that stands still is at its end.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def demo(tmp_path):
    """Start `hive demo …` with a folder of its own for everything temporary."""
    started = []
    # Its sockets lie below TMPDIR, and a socket's path is short.
    place = Path(tempfile.mkdtemp(prefix="hd-", dir="/tmp"))

    def start(*arguments: str) -> subprocess.Popen:
        env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(place), "LANG": "C.UTF-8"}
        argv = [sys.executable, "-m", "actors.cli", "demo", *arguments]
        process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process

    start.place = place
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


@pytest.fixture
def load():
    """The machine is busy meanwhile. In `make torture` a process per core computes without end; in `make test` the load
    is the rest of the suite, which would wait for such processes.
    """
    argv = [sys.executable, "-c", "while True: pass"]
    busy = [subprocess.Popen(argv) for _ in range(count(quick=0, full=os.cpu_count() or 1))]
    yield
    for process in busy:
        process.kill()
        process.wait()


def line_with(process: subprocess.Popen, text: str) -> str:
    """The next line of its output that holds `text`."""
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(f"{text!r} was not printed, but:\n{process.stderr.read()}")


@pytest.mark.torture
def every_message_of_an_agent_names_its_turn(place):
    """With the real Claude Code, in each hive below that folder; the play may go on meanwhile."""
    found = []
    for path in place.glob("hive-demo-*/state/db/hive.sqlite"):
        with contextlib.closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as connection:
            found += connection.execute(
                "SELECT sender, cause, EXISTS (SELECT 1 FROM turn_messages WHERE cause = 'turn:' || agent || '/' || number)"
                " FROM messages WHERE sender IN ('manager', 'alice', 'bob', 'carol')"
            )
    assert found
    assert [row for row in found if not str(row[1]).startswith(f"turn:{row[0]}/") or not row[2]] == []


def test_demos_side_by_side_on_a_busy_machine_share_nothing_and_show_the_whole_hive_at_work(demo, load):
    idle = demo()
    address = line_with(idle, "The dashboard: ").split("#")[0]
    once, other = demo("--once"), demo()
    other_address = line_with(other, "The dashboard: ").split("#")[0]
    out, err = once.communicate()
    assert (once.returncode, err) == (0, ""), out
    shows_the_whole_hive(out)
    assert other_address != address
    assert idle.poll() is None
    every_message_of_an_agent_names_its_turn(demo.place)
    for process in (idle, other):
        process.send_signal(signal.SIGTERM)
        rest, err = process.communicate()
        assert (process.returncode, err) == (128 + signal.SIGTERM, ""), rest


def shows_the_whole_hive(out):
    """What a demo has printed at its end."""
    assert "Everything that was expected happened." in out, out
    table = out[out.index("AGENT ") :].splitlines()[1:5]
    assert [line.split()[0] for line in table] == ["manager", "alice", "bob", "carol"]
    for line in table[1:3]:  # the manager's Claude and carol's were opened before their first turns, to check them
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


def test_a_demo_that_stands_still_says_what_is_late_and_ends_with_1(demo):
    process = demo("--once", "--seconds", "0.05")
    out, err = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert err.endswith(
        "Error: the rehearsal model was not ready after 0.05 s\nTry: `hive demo --keep` keeps its folder with the logs\n"
    )


def test_a_demo_that_is_interrupted_takes_everything_along(demo):
    process = demo("--runtime", "process", "--web-port", "0")
    line_with(process, "manager → alice")
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM


def test_settings_the_hive_refuses_end_the_demo_with_their_reason(demo):
    process = demo("--once", "--runtime", "docker")
    _, err = process.communicate()
    assert process.returncode == 2
    assert err.startswith("Error: expected runtime to be one of")
