"""A real daemon whose wall clock jumps by eight hours: forwards, as after a night's sleep, and back again."""

import contextlib
import json
import re
import signal
import socket

import pytest

from harness.clock import now_ms
from harness.wire.times import from_ms, to_ms
from tests.campaigns.jumping_daemon import BYTES, offset_file
from tests.campaigns.light_hive import LightHive

HOUR_MS = 3_600_000
EIGHT_HOURS = 8 * HOUR_MS
NEAR_MS = 120_000
"""What a loaded machine may take in between."""


class JumpingHive(LightHive):
    """`step` sets the wall clock of its daemon; running and elapsed time are the machine's."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.argv = [self.argv[0], "-m", "tests.campaigns.jumping_daemon", str(self.file)]
        self.offset_ms = 0
        offset_file(self.file).write_bytes(bytes(BYTES))

    def step(self, offset_ms):
        """Set it to so much after the machine's."""
        self.offset_ms = offset_ms
        with offset_file(self.file).open("r+b") as file:  # the daemon has these very bytes in its memory
            file.write(offset_ms.to_bytes(BYTES, "little", signed=True))

    def left_ms(self, moment):
        return to_ms(moment) - (now_ms() + self.offset_ms)

    def as_agent(self, name, **request):
        with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
            connection.connect(str(self.run / "agents" / name / "hive.sock"))
            connection.sendall(json.dumps(request).encode() + b"\n")
            reply = json.loads(connection.makefile("rb").readline())
        assert reply["ok"], reply
        return reply


def nothing_has_run_out(hive):
    loose = hive.as_agent("alice", cmd="loose_ends")
    [question] = loose["questions"]
    [reminder] = [one for one in loose["reminders"] if one["message"] == "in an hour"]
    return [hive.left_ms(moment) for moment in (question["deadline_at"], reminder["due_at"])]


@pytest.mark.slow
def test_a_daemon_whose_clock_jumps_by_eight_hours_ends_nothing_early_or_late():
    with JumpingHive(stuck_seconds=1) as hive:
        for name in ("alice", "bob"):
            hive.ask("spawn", name=name)
        hive.until(lambda: all(hive.row(name)["running"] for name in ("alice", "bob")))
        hive.as_agent("alice", cmd="ask", question="may I?", ttl_seconds=3600)
        hive.as_agent("alice", cmd="remind", message="in an hour", delay_seconds=3600)
        at = from_ms(now_ms() + HOUR_MS)
        hive.as_agent("alice", cmd="remind", message="at that time", at=at)
        lives = hive.container("alice").pid

        # Bob has mail and shows no life: for a second, not for eight hours.
        hive.container("bob").children(recursive=True)[-1].send_signal(signal.SIGSTOP)
        hive.send("bob", "work")
        hive.step(EIGHT_HOURS)
        hive.until(lambda: any(one["event"] == "agent_stuck" for one in hive.mail_of_manager()))
        stuck = [one for one in hive.mail_of_manager() if one["event"] == "agent_stuck"]
        assert {one["agent"] for one in stuck} == {"bob"}
        assert all(re.search(r"shown life for \d+ s", one["note"]) for one in stuck)

        # What was for a moment has come; what was for a duration has not.
        hive.as_agent("alice", cmd="remind", message="later", at=from_ms(now_ms() + 2 * EIGHT_HOURS))
        hive.until(lambda: hive.query("SELECT 1 FROM messages WHERE sender = 'reminder'"))
        assert [one["body"] for one in hive.query("SELECT body FROM messages WHERE sender = 'reminder'")] == [
            "at that time"
        ]
        nothing_has_run_out(hive)

        # The next daemon goes on with what is left, and shows it by its own clock.
        for offset_ms in (-EIGHT_HOURS, 0):
            hive.kill()
            hive.step(offset_ms)
            hive.start()
            assert all(HOUR_MS - NEAR_MS < left_ms <= HOUR_MS for left_ms in nothing_has_run_out(hive))
        assert hive.container("alice").pid == lives
        assert hive.row("alice")["running"]
        hive.until(lambda: all(one["held"] for one in hive.ask("verify")["promises"]))
