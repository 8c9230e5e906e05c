"""`hive chaos` refuses a hive that does real work."""

import resource
import subprocess
import sys

from actors.cli.chaos.faults import Disk
from harness.wire.operator_api import AboutReply, AgentStatusReply
from tests.actors.cli import rows
from tests.waiting import SECONDS


def about(**more):
    return AboutReply(pid=1, state_dir="/s", run_dir="/r", runtime="bwrap", loopback=False, **more)


def test_a_hive_whose_model_is_elsewhere_is_left_alone(daemon, hive):
    import os

    daemon.answers["about"] = about().model_copy(update={"pid": os.getpid()})
    daemon.answers["agent_status"] = AgentStatusReply(
        agent_statuses=[rows.agent("alice", running=True, container="alice")]
    )
    result = hive("chaos", "--seconds", "1")
    assert result.exit_code == 1
    assert "real work" in result.stderr
    assert "--yes-really" in result.stderr
    assert {frame["cmd"] for frame in daemon.requests} == {"about", "agent_status"}


def test_a_hive_without_running_agents_has_nothing_to_disturb(daemon, hive):
    daemon.answers["about"] = about()
    daemon.answers["agent_status"] = AgentStatusReply(agent_statuses=[rows.agent("alice", running=False)])
    assert "no agent runs" in hive("chaos").stderr


def test_a_disk_that_was_taken_away_comes_back_by_itself_whatever_the_caller_waits_for():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        disk = Disk(process.pid)
        disk.take_away(0.05)
        assert resource.prlimit(process.pid, resource.RLIMIT_FSIZE)[0] == 0
        disk.timer.join(SECONDS)
        assert resource.prlimit(process.pid, resource.RLIMIT_FSIZE) == before
        disk.take_away()
        disk.give_back()
        assert resource.prlimit(process.pid, resource.RLIMIT_FSIZE) == before
        process.communicate(b"\n")
