"""Programs run in native threads: the loop goes on, they run side by side, and nothing of the daemon leaks in."""

import os

import gevent
import pytest

from actors import shell
from harness.wire.errors import ErrorCode, HiveError
from tests.waiting import SECONDS, readable


def test_the_loop_goes_on_while_five_run_in_parallel(tmp_path):
    os.mkfifo(here := tmp_path / "here")
    os.mkfifo(go := tmp_path / "go")
    with here.open("rb+", buffering=0) as arrived, go.open("rb+", buffering=0) as gate:
        script = f"printf x >{here}; read word <{go}"
        runs = [gevent.spawn(shell.run, "sh", "-c", script) for _ in range(5)]
        there = b""
        while len(there) < 5:
            readable(arrived, "all five are there at the same time")
            there += arrived.read(5)
        assert not any(run.dead for run in runs)
        gate.write(b"go\n" * 5)
        gevent.joinall(runs, timeout=SECONDS)
    assert [run.value.exit_code for run in runs] == [0] * 5


def test_it_returns_what_the_program_printed_and_how_it_ended(tmp_path):
    result = shell.run("sh", "-c", "cat; pwd; echo oops >&2; exit 3", cwd=tmp_path, input="hello\n", ok_codes=(0, 3))
    assert result == shell.Result(3, f"hello\n{tmp_path}\n", "oops\n")


def test_a_program_that_reads_without_input_meets_the_end_of_the_file():
    assert shell.run("cat", timeout=5).stdout == ""


def test_a_status_that_is_not_ok_is_an_error_with_the_end_of_stderr():
    with pytest.raises(HiveError, match="sh ended with 2: it went wrong") as refusal:
        shell.run("sh", "-c", "echo it went wrong >&2; exit 2")
    assert refusal.value.code is ErrorCode.INTERNAL


def test_every_status_can_be_asked_for():
    assert shell.run("sh", "-c", "exit 99", ok_codes=None).exit_code == 99


def test_a_program_that_is_not_there_is_unavailable():
    with pytest.raises(HiveError, match="no-such-program is not installed") as refusal:
        shell.run("no-such-program")
    assert refusal.value.code is ErrorCode.UNAVAILABLE


def test_a_program_that_takes_too_long_is_killed_and_named():
    with pytest.raises(HiveError, match="sleep took longer than 0.05 s") as refusal:
        shell.run("sleep", "60", timeout=0.05)
    assert refusal.value.code is ErrorCode.TIMEOUT


def test_the_environment_is_scrubbed(monkeypatch):
    monkeypatch.setenv("SECRET_OF_THE_HOST", "x")
    names = [line.split("=")[0] for line in shell.run("env", env={"MORE": "1"}).stdout.splitlines()]
    assert set(names) <= {"PATH", "LANG", "HOME", "MORE", "PWD", "SHLVL", "_"}
    assert "MORE" in names
