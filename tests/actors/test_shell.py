"""Programs run in native threads: the loop goes on, they run side by side, and nothing of the daemon leaks in."""

import time

import gevent
import pytest

from actors import shell
from harness.wire.errors import ErrorCode, HiveError


@pytest.mark.slow
def test_the_loop_keeps_ticking_and_five_run_in_parallel():
    ticks = 0

    def tick():
        nonlocal ticks
        while True:
            gevent.sleep(0.01)
            ticks += 1

    ticker = gevent.spawn(tick)
    began = time.monotonic()
    runs = [gevent.spawn(shell.run, "sleep", "0.3") for _ in range(5)]
    gevent.joinall(runs, timeout=10)
    took = time.monotonic() - began
    ticker.kill()
    assert [run.value.exit_code for run in runs] == [0] * 5
    assert took < 1.0
    assert ticks > took / 0.01 / 4


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
