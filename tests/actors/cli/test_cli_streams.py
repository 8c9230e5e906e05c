import json
import os
import pty
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.wire.agent_api import LinesReply, MessagesReply
from harness.wire.operator_api import StackReply, TreeReply
from tests.actors.cli import rows
from tests.waiting import SECONDS


@contextmanager
def when_subscribed(daemon, act: Callable[[], None]) -> Iterator[None]:
    """Runs `act` beside the command, once it listens; then the daemon goes away, which ends the command."""

    def run():
        if daemon.subscribed.acquire(timeout=SECONDS):
            act()
            daemon.hang_up()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join()


def test_followed_messages_come_without_a_gap_and_without_a_double(daemon, hive):
    def past(_frame):
        # Sent between the subscription and the reading of the past: both report it.
        daemon.emit("message", rows.message(2, "alice", "bob", "second").as_frame())
        return MessagesReply(messages=[rows.message(n, "alice", "bob", f"text {n}") for n in (1, 2)])

    def more():
        waited.wait(SECONDS)
        daemon.emit("agent", {"name": "alice"})
        daemon.emit("message", rows.message(3, "bob", "alice", "third").as_frame())

    waited = threading.Event()

    def read_past(frame):
        if frame.get("before") is None:
            return past(frame)
        waited.set()
        return MessagesReply(messages=[])

    daemon.answers["messages"] = read_past
    with when_subscribed(daemon, more):
        result = hive("messages", "--follow", "--json")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [1, 2, 3]
    assert result.exit_code == 1
    assert "closed the connection" in result.stderr


def test_a_followed_log_prints_what_comes(daemon, hive):
    daemon.answers["journal"] = LinesReply(lines=["old"])
    with when_subscribed(daemon, lambda: daemon.write(LinesReply(lines=["new", "newer"]).as_reply())):
        result = hive("logs", "alice", "-n", "1", "--follow")
    assert result.stdout.splitlines() == ["old", "new", "newer"]
    assert daemon.requests == [{"cmd": "journal", "name": "alice", "lines": 1, "follow": True}]


def test_a_watched_tree_that_is_no_terminal_is_one_json_a_change(daemon, hive):
    drawn = []

    def tree(_frame):
        drawn.append(1)
        if len(drawn) < 3:
            daemon.emit("actor", {"path": "broker"})
        else:
            daemon.hang_up()
        return TreeReply(tree=rows.tree().model_copy(update={"restarts": len(drawn)}))

    daemon.answers["actors"] = tree
    result = hive("actors", "--watch", "--json")
    assert [json.loads(line)["restarts"] for line in result.stdout.splitlines()] == [1, 2]
    assert result.exit_code == 1


def read_until(fd: int, text: str, seconds: float = SECONDS) -> str:
    got, deadline = "", time.monotonic() + seconds
    while text not in got:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{text!r} was not drawn, but {got!r}"
        got += os.read(fd, 65536).decode(errors="replace")
    return got


@pytest.mark.slow
def test_on_a_terminal_the_tree_is_redrawn_on_an_event_and_q_leaves_the_screen_as_it_was(daemon, run_dir):
    daemon.answers["actors"] = TreeReply(tree=rows.tree())
    daemon.answers["actor_stack"] = StackReply(path="broker", lines=["the stack of broker"])
    screen, terminal = pty.openpty()
    env = {"PATH": os.environ["PATH"], "TERM": "xterm", "HIVE_RUN_DIR": str(run_dir), "HOME": str(run_dir)}
    argv = [sys.executable, "-m", "actors.cli", "actors", "--watch"]
    with subprocess.Popen(argv, stdin=terminal, stdout=terminal, stderr=terminal, env=env) as process:
        os.close(terminal)
        first = read_until(screen, "q quit")
        assert first.startswith("\x1b[?1049h")
        assert "ValueError: no" in first
        daemon.answers["actors"] = TreeReply(tree=rows.tree().model_copy(update={"last_error": "a new one"}))
        daemon.emit("actor", {"path": "hive"})
        assert "a new one" in read_until(screen, "a new one")
        for key, drawn in ((b"j", "q quit"), (b"\r", "the stack of broker"), (b"r", "y/n"), (b"y", "broker was ended")):
            os.write(screen, key)
            read_until(screen, drawn)
        os.write(screen, b"q")
        assert "\x1b[?1049l" in read_until(screen, "\x1b[?1049l")
        assert process.wait(SECONDS) == 0
    os.close(screen)
    assert [frame["cmd"] for frame in daemon.requests[:3]] == ["events", "actors", "actors"]
    assert {"cmd": "restart_actor", "path": "broker"} in daemon.requests
