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
def when_subscribed(host, act: Callable[[], None]) -> Iterator[None]:
    """Runs `act` beside the command, once it listens; then the host goes away, which ends the command."""

    def run():
        if host.subscribed.acquire(timeout=SECONDS):
            act()
            host.hang_up()

    thread = threading.Thread(target=run)
    thread.start()
    yield
    thread.join()


def test_followed_messages_come_without_a_gap_and_without_a_double(host, hive):
    def past(_frame):
        # Sent between the subscription and the look back: both will tell it.
        host.emit("message", rows.message(2, "alice", "bob", "second").as_frame())
        return MessagesReply(messages=[rows.message(n, "alice", "bob", f"text {n}") for n in (1, 2)])

    def more():
        waited.wait(SECONDS)
        host.emit("agent", {"name": "alice"})
        host.emit("message", rows.message(3, "bob", "alice", "third").as_frame())

    waited = threading.Event()

    def looked_back(frame):
        reply = past(frame)
        waited.set()
        return reply

    host.answers["messages"] = looked_back
    with when_subscribed(host, more):
        result = hive("messages", "--follow", "--json")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == [1, 2, 3]
    assert result.exit_code == 1
    assert "ended the conversation" in result.stderr


def test_a_followed_log_prints_what_comes(host, hive):
    host.answers["journal"] = LinesReply(lines=["old"])
    with when_subscribed(host, lambda: host.write(LinesReply(lines=["new", "newer"]).as_reply())):
        result = hive("logs", "alice", "-n", "1", "--follow")
    assert result.stdout.splitlines() == ["old", "new", "newer"]
    assert host.heard == [{"cmd": "journal", "name": "alice", "lines": 1, "follow": True}]


def test_a_watched_tree_that_is_no_terminal_is_one_json_a_change(host, hive):
    drawn = []

    def tree(_frame):
        drawn.append(1)
        if len(drawn) < 3:
            host.emit("actor", {"path": "broker"})
        else:
            host.hang_up()
        return TreeReply(tree=rows.tree().model_copy(update={"restarts": len(drawn)}))

    host.answers["actors"] = tree
    result = hive("actors", "--watch", "--json")
    assert [json.loads(line)["restarts"] for line in result.stdout.splitlines()] == [1, 2]
    assert result.exit_code == 1


def read_until(fd: int, text: str, seconds: float = 5.0) -> str:
    got, deadline = "", time.monotonic() + seconds
    while text not in got:
        ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{text!r} was not drawn, but {got!r}"
        got += os.read(fd, 65536).decode(errors="replace")
    return got


@pytest.mark.slow
def test_on_a_terminal_the_tree_is_redrawn_on_an_event_and_q_leaves_the_screen_as_it_was(host, run_dir):
    host.answers["actors"] = TreeReply(tree=rows.tree())
    host.answers["actor_stack"] = StackReply(path="broker", lines=["the stack of broker"])
    screen, terminal = pty.openpty()
    env = {"PATH": os.environ["PATH"], "TERM": "xterm", "HIVE_RUN_DIR": str(run_dir), "HOME": str(run_dir)}
    argv = [sys.executable, "-m", "actors.cli", "actors", "--watch"]
    with subprocess.Popen(argv, stdin=terminal, stdout=terminal, stderr=terminal, env=env) as process:
        os.close(terminal)
        first = read_until(screen, "q quit")
        assert first.startswith("\x1b[?1049h")
        assert "ValueError: no" in first
        host.answers["actors"] = TreeReply(tree=rows.tree().model_copy(update={"last_error": "a new one"}))
        host.emit("actor", {"path": "hive"})
        assert "a new one" in read_until(screen, "a new one")
        for key, drawn in ((b"j", "q quit"), (b"\r", "the stack of broker"), (b"r", "y/n"), (b"y", "broker was ended")):
            os.write(screen, key)
            read_until(screen, drawn)
        os.write(screen, b"q")
        assert "\x1b[?1049l" in read_until(screen, "\x1b[?1049l")
        assert process.wait(SECONDS) == 0
    os.close(screen)
    assert [frame["cmd"] for frame in host.heard[:3]] == ["events", "actors", "actors"]
    assert {"cmd": "restart_actor", "path": "broker"} in host.heard
