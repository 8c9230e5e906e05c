"""Faults that are given back: a process that hangs goes on, a clock that jumped is right again; whom a campaign spares."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from actors.cli import processes
from actors.cli.chaos import moved_clock
from actors.cli.chaos.campaign import Campaign
from actors.cli.chaos.clock import WallClock
from actors.cli.chaos.traffic import Traffic
from actors.cli.chaos.wedge import Wedge
from actors.daemon_settings import DaemonSettings
from harness.wire.operator_api import AboutReply, AgentStatusReply
from tests.actors.cli import rows


def sleeper(**env):
    return subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env={**os.environ, **env})


def state(process):
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_process_that_hangs_goes_on_by_itself_and_when_the_campaign_ends():
    with sleeper() as process:
        wedge = Wedge()
        assert wedge.stop(process.pid, 0.05)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        assert state(process) == "T"
        wedge.join()
        os.waitid(os.P_PID, process.pid, os.WCONTINUED)
        assert wedge.stop(process.pid, 3600)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        wedge.resume_all()
        os.waitid(os.P_PID, process.pid, os.WCONTINUED)
        assert state(process) != "T"
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not wedge.stop(process.pid, 1)


CLOCK = "actors.cli.chaos.moved_clock"


def test_the_clock_of_a_daemon_is_moved_by_its_file_and_set_right_and_others_are_left_alone(tmp_path):
    file = tmp_path / "time"
    argv = [sys.executable, "-c", "input()", "-m", CLOCK, str(file), "serve"]
    moved_clock.write(file_of_zeros(file), 0)
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as one, sleeper(A="1") as other:
        clock = WallClock(one.pid)
        assert clock.can_jump
        assert not WallClock(other.pid).can_jump
        clock.jump(8 * 3_600_000, 3600)
        assert int.from_bytes(file.read_bytes(), "little") == 8 * 3_600_000
        clock.set_right()
        assert file.read_bytes() == bytes(8)
        assert processes.environment(other.pid)["A"] == "1"
        for process in (one, other):
            process.communicate(b"\n")


def file_of_zeros(file):
    file.write_bytes(bytes(8))
    return file


def test_a_hive_that_runs_with_such_a_clock_tells_the_time_of_its_file_and_durations_as_they_are(tmp_path):
    """The command line of `hive` is replaced by a look at the clocks."""
    look = "import time; from actors.supervision.clock import SystemClock as C; print(C().now_ms() - (time.clock_gettime_ns(0) // 10**6))"
    code = f"import runpy, sys; from actors.cli.chaos import moved_clock; runpy.run_module = lambda *_, **__: exec({look!r}); moved_clock.main()"
    file = tmp_path / "time"
    for ahead in (0, 8 * 3_600_000, -90_000):
        moved_clock.write(file_of_zeros(file), ahead)
        said = subprocess.check_output([sys.executable, "-c", code, str(file), "--version"], text=True)
        assert abs(int(said) - ahead) < 2_000


def test_a_program_is_found_by_its_file_and_a_module_of_hive_by_its_name():
    assert processes.runs(["/usr/bin/claude", "--print"], "claude")
    assert processes.runs(["python3", "-I", "-S", "/x/run.py", "/x:/y", "harness.main"], "harness.main")
    assert not processes.runs(["bash", "-c", "echo", "claude"], "claude")


def test_peers_are_neither_disturbed_nor_counted(daemon, hive, tmp_path):
    daemon.answers["about"] = AboutReply(
        pid=os.getpid(), state_dir="/s", run_dir=str(tmp_path), runtime="bwrap", loopback=True
    )
    peer = rows.agent("friend", running=True).model_copy(update={"role": "peer"})
    daemon.answers["agent_status"] = AgentStatusReply(
        agent_statuses=[rows.agent("alice", running=True, container="alice"), peer]
    )
    settings = DaemonSettings(state_dir=tmp_path / "state", run_dir=daemon.run_dir)
    campaign = Campaign(settings, 1, report=lambda _text: None)
    assert list(campaign.agents) == ["alice"]


class Pages(Traffic):
    """Messages 1 to 25; a page has at most ten, however many are asked for."""

    def __init__(self, acknowledged):
        super().__init__(Path("/nowhere"), [])
        self.acknowledged = acknowledged
        self.asked = []

    def ask(self, cmd, **arguments):
        self.asked.append(arguments["before"])
        end = arguments["before"] or 26
        return {"messages": [{"id": number} for number in range(max(1, end - 10), end)]}


def test_a_page_that_is_not_full_is_not_the_last_one():
    assert Pages([3, 12, 25, 99]).lost() == [99]
    short = Pages([20])
    assert short.lost() == []
    assert short.asked == [None], "what is older than the oldest message of the campaign is not read"
