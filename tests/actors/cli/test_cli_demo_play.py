"""When the play goes on, when it ends, and what it says then: against a daemon that tells any story."""

import json
import socket

import pytest

from actors.cli.client import DaemonClient
from actors.cli.demo import ports
from actors.cli.demo.decisions import Decisions
from actors.cli.demo.play import Play
from actors.cli.demo.progress import Progress
from actors.cli.demo.story import Story
from actors.cli.demo.transcript import Transcript
from harness.wire.agent_api import SendReply

REQUEST = 7


def message(number, sender, to):
    return "message", {"id": number, "from": sender, "to": to, "body": json.dumps({"event": "x"})}


def turn(agent, *, outcome="ok"):
    return "turn", {"agent": agent, "stats": {"cold": True, "duration_ms": 9, "outcome": outcome, "tools": {}}}


@pytest.fixture
def play(daemon, run_dir):
    """Play the first act, in which the daemon emits these events after the request; what is missing at the end."""

    def call(*events, step_seconds=0.05):
        def sent(_frame):
            for kind, data in events:
                daemon.emit(kind, data)
            return SendReply(id=REQUEST)

        daemon.answers["send"] = sent
        story = Story()
        with DaemonClient(run_dir / "host.sock") as stream, DaemonClient(run_dir / "host.sock") as client:
            Play(stream, client, story, Decisions(), transcript=Transcript(), step_seconds=step_seconds).run()
        return story.missing()

    return call


def test_time_runs_only_while_nothing_of_what_is_missing_happens():
    progress = Progress(60.0)
    assert progress.seconds_left(["a", "b"], 1000.0) == 60.0
    assert progress.seconds_left(["a", "b"], 1050.0) == 10.0
    assert progress.seconds_left(["b"], 1059.0) == 60.0
    assert progress.seconds_left(["b"], 1118.0) == 1.0
    assert progress.seconds_left(["b"], 1120.0) == 0.0


def test_a_play_that_stands_still_ends_and_the_rest_is_named(play, capsys):
    missing = play(message(8, "manager", "alice"), message(9, "manager", "bob"))
    assert "manager did not report to operator" in missing
    assert not any("did not write to" in one for one in missing)
    assert "nothing of what is missing happened for 0.05 s" in capsys.readouterr().out


def test_a_failed_turn_ends_the_play_at_once_because_nothing_mends_it(play, daemon):
    missing = play(turn("alice", outcome="failed"), step_seconds=3600)
    assert "a turn of alice ended failed" in missing
    assert [frame["cmd"] for frame in daemon.requests] == ["events", "spawn", "spawn", "send"]


def test_the_second_act_waits_for_the_end_of_the_first(play, daemon):
    play(message(8, "manager", "operator"))
    assert [frame["cmd"] for frame in daemon.requests].count("send") == 1


def test_two_demos_never_get_the_same_port_though_no_daemon_has_bound_it_yet(monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    monkeypatch.setattr(ports, "DASHBOARD_PORT", free)
    with ports.dashboard(None, wanted=True) as first, ports.dashboard(None, wanted=True) as second:
        assert first == free
        assert second not in {0, free}
    with ports.dashboard(None, wanted=True) as again:
        assert again == free


def test_a_port_that_another_program_has_is_left_to_it(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        monkeypatch.setattr(ports, "DASHBOARD_PORT", other.getsockname()[1])
        with ports.dashboard(None, wanted=True) as port:
            assert port not in {0, other.getsockname()[1]}


@pytest.mark.parametrize(("given", "wanted", "port"), [(8123, True, 8123), (0, True, 0), (None, False, 0)])
def test_a_port_that_was_asked_for_is_taken_and_none_is_taken_where_no_dashboard_is_wanted(given, wanted, port):
    with ports.dashboard(given, wanted=wanted) as taken:
        assert taken == port
