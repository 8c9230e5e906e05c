"""The log of a container: its end, what comes, and its limit."""

import os

import gevent
import pytest

from actors.agent.container import logs
from tests.waiting import SECONDS


@pytest.mark.parametrize(
    ("text", "lines", "last"),
    [
        ("", 5, []),
        ("one\n", 5, ["one"]),
        ("one\ntwo\nthree\n", 2, ["two", "three"]),
        ("one\ntwo", 1, ["two"]),
        ("".join(f"{number}\n" for number in range(50_000)), 3, ["49997", "49998", "49999"]),
    ],
)
def test_the_last_lines_come_oldest_first(tmp_path, text, lines, last):
    log = tmp_path / "log"
    log.write_text(text)
    assert logs.tail(log, lines) == last


def test_a_log_that_is_not_there_yet_has_no_lines(tmp_path):
    assert logs.tail(tmp_path / "log", 5) == []


def test_a_follower_gets_the_last_lines_and_then_what_is_appended(tmp_path):
    log = tmp_path / "log"
    log.write_text("one\ntwo\nth")
    follower = logs.Follower(log, 2)
    lines = iter(follower)
    assert next(lines) == ["two"]
    with log.open("a") as writing:
        writing.write("ree\nfo")
        writing.flush()
        with gevent.Timeout(SECONDS):
            assert next(lines) == ["three"]
        writing.write("ur\n")
    with gevent.Timeout(SECONDS):
        assert next(lines) == ["four"]
    follower.close()
    with pytest.raises(StopIteration):
        next(lines)


def test_a_log_over_its_limit_is_moved_aside_and_written_on(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "MAX_LOG_BYTES", 10)
    log = tmp_path / "alice.log"
    with log.open("a") as writing:
        writing.write("more than ten bytes\n")
        writing.flush()
        assert logs.rotate(log)
        writing.write("new\n")
    assert log.read_text() == "new\n"
    assert (tmp_path / "alice.log.1").read_text() == "ten bytes\n", "at most the limit is kept"
    assert not logs.rotate(log)
    assert not logs.rotate(tmp_path / "nothing.log")


def test_a_hole_in_a_log_costs_neither_memory_nor_blocks(tmp_path):
    log = tmp_path / "alice.log"
    log.write_text("begin\n")
    os.truncate(log, 10**12)
    with log.open("a") as writing:
        writing.write("\nend\n")
    lines = logs.tail(log, 50)
    assert lines[-1] == "end"
    assert sum(map(len, lines)) <= logs.TAIL_BYTES
    assert max(map(len, lines)) <= logs.LINE_BYTES
    assert logs.rotate(log)
    assert sum(path.stat().st_blocks * 512 for path in tmp_path.iterdir()) <= logs.MAX_LOG_BYTES + 65_536


def test_a_line_without_an_end_comes_in_pieces(tmp_path):
    log = tmp_path / "alice.log"
    log.write_text("")
    follower = logs.Follower(log, 2)
    lines = iter(follower)
    assert next(lines) == []
    with log.open("a") as writing:
        writing.write("x" * (2 * logs.LINE_BYTES + 10))
    with gevent.Timeout(SECONDS):
        assert set(map(len, next(lines))) == {logs.LINE_BYTES}
    follower.close()


def test_a_follower_goes_on_after_the_log_was_replaced(tmp_path):
    log = tmp_path / "alice.log"
    log.write_text("one\n")
    follower = logs.Follower(log, 2)
    lines = iter(follower)
    assert next(lines) == ["one"]
    with log.open("a") as writing:
        writing.write("two\n")
    with gevent.Timeout(SECONDS):
        assert next(lines) == ["two"]
    log.rename(tmp_path / "alice.log.1")
    log.write_text("a new log, longer than the old one\n")
    with gevent.Timeout(SECONDS):
        assert next(lines) == ["a new log, longer than the old one"]
    follower.close()
