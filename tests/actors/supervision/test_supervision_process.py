"""OS processes as children: real ones."""

import gc
import os
import signal
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from actors.supervision import (
    ChildSpec,
    Exit,
    ExitKind,
    ProcessActor,
    Restart,
    StartFailed,
    Stop,
    Strategy,
    settle,
    terminate_child,
)
from actors.supervision.processes.descendants import ProcessRow, read_row, send
from actors.supervision.processes.os_process import UNKNOWN_STATUS, describe
from tests.actors.supervision.parts import boot
from tests.waiting import SECONDS, survivors, until

BELOW = "sh -c 'echo below $$; exec sleep 60'"
"""A process below another one; it says its number."""
IGNORES_SIGTERM = "trap '' TERM; echo ready; exec sleep 60"


class Lines:
    """What a process said, and a way to wait for it."""

    def __init__(self):
        self.seen = []

    def __call__(self, line):
        self.seen.append(line.decode())

    def wait_for(self, word):
        """The first line that begins with it."""
        return until(lambda: next((line for line in self.seen if line.startswith(word)), None), word)


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def start(directory, lines):
    """Start a shell script as a child; the actor."""

    def run(script, **fields):
        actor = ProcessActor(["sh", "-c", script], stdout=lines, **fields)
        directory.boot(actor, "p")
        return actor

    return run


def gone(pid):
    """Whether it has ended, now; a zombie has."""
    row = read_row(pid)
    return row is None or row.state in "ZX"


def goes(pid):
    with suppress(psutil.NoSuchProcess):
        return survivors([psutil.Process(pid)]) == []
    return True


@pytest.mark.parametrize(
    ("script", "kind", "detail", "status"),
    [
        ("exit 0", ExitKind.NORMAL, "exit status 0", None),
        ("exit 3", ExitKind.ERROR, "exit status 3", 3),
        ("kill -9 $$", ExitKind.ERROR, "ended by SIGKILL", -9),
    ],
)
def test_the_end_of_the_process_is_the_end_of_the_child_with_its_status(start, script, kind, detail, status):
    ended = start(script).ended.get(timeout=SECONDS)
    assert (ended.kind, ended.detail, ended.status) == (kind, detail, status)


def test_the_end_is_noticed_by_itself_and_not_by_looking_now_and_then(start, clock):
    actor = start("exec sleep 60", clock=clock)
    os.kill(actor.pid, signal.SIGKILL)
    actor.ended.get(timeout=SECONDS)
    assert clock.pending == 0


def test_a_program_that_does_not_exist_is_a_failed_start(directory):
    with pytest.raises(StartFailed, match="no program no-such-program"):
        directory.boot(ProcessActor(["no-such-program"]), "p")


def test_a_folder_that_does_not_exist_is_a_failed_start_and_leaves_no_file_open(directory, lines):
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(StartFailed, match="No such file or directory"):
        directory.boot(ProcessActor(["true"], cwd="/no/such/folder", stdout=lines), "p")
    gc.collect()
    assert set(os.listdir("/proc/self/fd")) == before


def test_it_sees_its_own_environment_and_of_ours_only_path_and_lang(start, lines, monkeypatch):
    monkeypatch.setenv("SECRET", "do not show")
    start("env", env={"COLOUR": "blue"}).ended.get(timeout=SECONDS)
    names = {line.partition("=")[0] for line in lines.seen}
    assert "COLOUR=blue" in lines.seen
    assert names - {"PWD", "SHLVL", "_", "OLDPWD"} <= {"PATH", "LANG", "COLOUR", "SUPERVISED_PROCESS"}


def test_it_leads_a_session_of_its_own_with_nothing_to_read(start, lines):
    actor = start("read word || echo nothing; echo $(ps -o sid= -p $$) $$; exec sleep 60")
    lines.wait_for("nothing")
    lines.wait_for(f"{actor.pid} {actor.pid}")


def test_a_stop_asks_the_process_first(directory, start, lines):
    start("trap 'echo bye; exit 0' TERM; sleep 60 & echo ready; wait")
    lines.wait_for("ready")
    assert directory.stop("p").kind is ExitKind.SHUTDOWN
    assert lines.seen == ["ready", "bye"]


def test_another_stop_signal_can_be_chosen(directory, start, lines):
    start("trap 'echo bye; exit 0' USR1; sleep 60 & echo ready; wait", stop_signal=signal.SIGUSR1)
    lines.wait_for("ready")
    directory.stop("p")
    assert lines.seen == ["ready", "bye"]


def test_a_process_that_ignores_the_signal_is_killed_after_its_time(directory, start, lines, clock):
    actor = start(IGNORES_SIGTERM, stop_seconds=3.0, clock=clock)
    lines.wait_for("ready")
    directory.tell("p", Stop(Exit.shutdown()))
    clock.advance(2.9)
    assert not gone(actor.pid)
    clock.advance(0.1)
    assert actor.ended.get(timeout=SECONDS).kind is ExitKind.SHUTDOWN
    assert gone(actor.pid)


@pytest.mark.parametrize(
    "escape",
    [f"{BELOW} &", f"setsid {BELOW} &", f"(setsid {BELOW} &) &", f"env -i setsid {BELOW} &"],
    ids=["in the group", "in another session", "with another parent", "with an empty environment"],
)
def test_what_is_below_dies_with_the_process(directory, start, lines, escape):
    actor = start(f"{escape} exec sleep 60")
    below = int(lines.wait_for("below").split()[1])
    assert directory.stop("p").orderly
    assert gone(actor.pid)
    assert goes(below)


def test_a_killed_actor_takes_its_process_along(start, lines):
    actor = start(IGNORES_SIGTERM)
    lines.wait_for("ready")
    actor.kill()
    assert goes(actor.pid)


def test_nothing_is_left_as_a_zombie(start):
    for _ in range(5):
        actor = start("exit 0")
        actor.ended.get(timeout=SECONDS)
        assert read_row(actor.pid) is None


@pytest.mark.slow
def test_the_process_dies_with_this_program(tmp_path):
    program = (
        "from actors.supervision import *\n"
        "d = Directory(); d.boot(ProcessActor(['sleep', '62']), 'p'); print(d.actor('p').pid, flush=True)\n"
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    played = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert goes(int(played.stdout))


def test_output_goes_to_a_file_or_line_by_line_to_a_callback(directory, tmp_path, lines):
    log = tmp_path / "log"
    script = "echo one; echo two; printf three; echo wrong >&2"
    for number in range(2):
        actor = ProcessActor(["sh", "-c", script], stdout=log if number else lines, stderr=tmp_path / "errors")
        directory.boot(actor, "p")
        actor.ended.get(timeout=SECONDS)
    assert lines.seen == ["one", "two", "three"]
    assert log.read_text() == "one\ntwo\nthree"
    assert (tmp_path / "errors").read_text() == "wrong\nwrong\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_callback_that_fails_loses_its_line_and_no_other(directory, caplog):
    seen = []

    def callback(line):
        if line == b"one":
            raise ValueError("cannot read this")
        seen.append(line)

    actor = ProcessActor(["sh", "-c", "echo one; echo two"], stdout=callback)
    directory.boot(actor, "p")
    actor.ended.get(timeout=SECONDS)
    assert seen == [b"two"]
    assert "cannot read this" in caplog.text


def test_a_line_without_an_end_is_handed_out_in_pieces(start, lines):
    start("head -c 200000 /dev/zero | tr '\\0' x").ended.get(timeout=SECONDS)
    assert sum(map(len, lines.seen)) == 200_000
    assert len(lines.seen) > 1


def test_a_survivor_that_holds_the_output_does_not_keep_the_child(start, lines):
    actor = start("sleep 63 & echo ready")
    actor.ended.get(timeout=SECONDS)
    assert lines.seen == ["ready"]


def test_a_supervisor_restarts_a_process_like_any_child(directory, lines):
    process = ChildSpec("p", lambda: ProcessActor(["sh", "-c", "echo up; exec sleep 64"], stdout=lines))
    boot(directory, [process], strategy=Strategy.ONE_FOR_ALL)
    first = directory.actor("p").pid
    os.kill(first, signal.SIGKILL)
    until(lambda: (actor := directory.actor("p")) is not None and actor.pid not in (None, first), "a new process")
    terminate_child(directory, "hive", "p")
    settle()
    assert gone(first)


def test_a_temporary_process_that_ends_is_forgotten(directory):
    boot(directory, [ChildSpec("p", lambda: ProcessActor(["true"]), restart=Restart.TEMPORARY)])
    directory.wait("p", 5)
    settle()
    assert directory.names() == ["hive"]


def test_the_status_of_a_process_that_was_reaped_elsewhere_is_unknown(start):
    actor = start("exec sleep 60")
    os.kill(actor.pid, signal.SIGKILL)
    os.waitpid(actor.pid, 0)
    ended = actor.ended.get(timeout=SECONDS)
    assert (ended.kind, ended.detail) == (ExitKind.ERROR, "ended in an unknown way")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "exit status 0"),
        (-15, "ended by SIGTERM"),
        (-63, "ended by signal 63"),
        (UNKNOWN_STATUS, "ended in an unknown way"),
    ],
)
def test_a_status_in_words(status, words):
    assert describe(status) == words


def test_a_signal_does_not_reach_a_later_process_with_the_same_pid():
    row = read_row(os.getpid())
    send([ProcessRow(row.pid, row.state, row.parent, row.session, row.started - 1)], signal.SIGKILL)
    send([ProcessRow(2**22 + 1, "R", 1, 1, 1)], signal.SIGKILL)
