import pytest

from harness.wire.agent_api import MessagesReply, SendReply
from harness.wire.errors import conflict
from harness.wire.operator_api import NamesReply
from tests.actors.cli.rows import message


@pytest.mark.parametrize(
    ("line", "frame", "printed"),
    [
        ("spawn alice", {"cmd": "spawn", "name": "alice"}, "spawned alice"),
        ("start a b", {"cmd": "start", "scope": {"agent_names": ["a", "b"]}}, "started a, b"),
        ("stop a", {"cmd": "stop", "scope": {"agent_names": ["a"]}, "now": False}, "stopped a"),
        ("stop --now a", {"cmd": "stop", "scope": {"agent_names": ["a"]}, "now": True}, "stopped a"),
        ("restart a", {"cmd": "restart", "name": "a", "now": False}, "restarted a"),
        ("rebuild a", {"cmd": "rebuild", "name": "a", "now": False}, "rebuilt a"),
        ("purge a --yes", {"cmd": "purge_tombstone", "name": "a"}, "purged a"),
        ("pause a", {"cmd": "set_paused", "name": "a", "paused": True}, "paused a"),
        ("resume a", {"cmd": "set_paused", "name": "a", "paused": False}, "resumed a"),
        ("kick a", {"cmd": "kick", "name": "a"}, "kicked a"),
        (
            "cancel a",
            {"cmd": "agent_control", "name": "a", "action": "cancel"},
            "asked a to cancel; `hive turns a` says whether there was a turn",
        ),
        ("compact a", {"cmd": "agent_control", "name": "a", "action": "compact"}, "a compacts its context"),
        ("new-session a", {"cmd": "agent_control", "name": "a", "action": "new_session"}, "a begins a new session"),
        (
            "model a haiku",
            {"cmd": "agent_control", "name": "a", "action": "model", "value": "haiku"},
            "a uses haiku from its next turn on",
        ),
        (
            "model a",
            {"cmd": "agent_control", "name": "a", "action": "model"},
            "a uses the model of its configuration from its next turn on",
        ),
        ("destroy a", {"cmd": "destroy", "name": "a", "now": False}, "destroyed a"),
        ("destroy a --purge --yes", {"cmd": "destroy", "name": "a", "purge": True, "now": False}, "purged a"),
    ],
)
def test_a_command_is_one_request_and_one_line(daemon, hive, line, frame, printed):
    result = hive(*line.split())
    assert (result.exit_code, result.stdout.strip(), daemon.requests) == (0, printed, [frame])


def test_a_purge_asks_for_the_name_and_does_nothing_when_it_differs(daemon, hive):
    refused = hive("destroy", "alice", "--purge", stdin="bob\n")
    assert refused.exit_code == 2
    assert "nothing was deleted" in refused.stderr
    assert daemon.requests == []
    assert hive("destroy", "alice", "--purge", stdin="alice\n").exit_code == 0
    assert daemon.requests == [{"cmd": "destroy", "name": "alice", "purge": True, "now": False}]


def test_a_message_is_sent_from_the_argument_or_from_the_standard_input(daemon, hive):
    daemon.answers["send"] = SendReply(id=7)
    assert hive("send", "alice", "hello", "--in-reply-to", "3").stdout == "sent #7 to alice\n"
    hive("send", "alice", "-", stdin="a long\ntext\n")
    assert daemon.requests == [
        {"cmd": "send", "to": "alice", "body": "hello", "in_reply_to": 3},
        {"cmd": "send", "to": "alice", "body": "a long\ntext\n"},
    ]


def test_a_reply_goes_to_the_sender_of_the_message_and_names_it(daemon, hive):
    daemon.answers |= {
        "messages": MessagesReply(messages=[message(3, "alice", "operator", "shall I?")]),
        "send": SendReply(id=7),
    }
    assert hive("reply", "3", "yes").stdout == "sent #7 to alice\n"
    assert daemon.requests == [
        {"cmd": "messages", "limit": 1, "before": 4},
        {"cmd": "send", "to": "alice", "body": "yes", "in_reply_to": 3},
    ]
    # The page begins with an older message: there is none with that number.
    result = hive("reply", "4", "yes")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "Error: there is no message #4")
    assert daemon.requests[-1]["cmd"] == "messages"


def test_a_broadcast_names_every_agent_it_reached(daemon, hive):
    daemon.answers["send"] = SendReply(ids=[7, 8], recipients=["alice", "bob"])
    assert hive("send", "*", "hello").stdout == "sent #7, #8 to alice, bob\n"


def test_a_refusal_is_shown_with_its_way_out_and_ends_with_1(daemon, hive):
    daemon.answers["spawn"] = conflict("alice exists", "hive start alice")
    result = hive("spawn", "alice")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == "Error: alice exists\nTry: hive start alice\n"


def test_a_name_the_wire_refuses_is_refused_with_its_reason(daemon, hive):
    result = hive("spawn", "../etc")
    assert result.exit_code == 1
    assert "is no agent name" in result.stderr


def test_without_a_daemon_every_client_command_says_how_to_get_one(hive, run_dir):
    result = hive("agents")
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: no daemon runs at {run_dir}/host.sock\n"
        "Try: start one with `hive up`, or set HIVE_RUN_DIR to the run_dir of the one that runs\n"
    )


def test_a_socket_without_a_listener_means_that_the_daemon_is_down(daemon, hive, run_dir):
    import socket

    with socket.socket(socket.AF_UNIX) as dead:
        (run_dir / "x").mkdir()
        dead.bind(str(run_dir / "x/host.sock"))
    result = hive("agents", "--run-dir", str(run_dir / "x"))
    assert result.exit_code == 1
    assert "is down" in result.stderr


def test_wrong_use_and_wrong_settings_end_with_2(daemon, hive):
    assert hive("sped").exit_code == 2
    assert hive("spawn").exit_code == 2
    result = hive("agents", "--state-dir", "relative")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: expected state_dir to be an absolute path")


def test_agents_are_completed_by_name_and_without_a_daemon_not_at_all(daemon, hive):
    import click

    from actors.cli.commands.agents.lifecycle import restart
    from actors.cli.options import complete_agents

    daemon.answers["list"] = NamesReply(agents=["alice", "albert", "bob"])
    context = click.Context(restart)
    assert complete_agents(context, restart.params[0], "al") == ["alice", "albert"]
    context.params["run_dir"] = "/nonexistent"
    assert complete_agents(context, restart.params[0], "al") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_calls_hive(hive, shell):
    assert "_HIVE_COMPLETE" in hive("completion", shell).stdout


def test_all_agents_are_stopped_by_one_word_and_never_by_none(daemon, hive):
    daemon.answers["list"] = NamesReply(agents=["hm1nd", "a", "b"])
    result = hive("stop", "--all", "--now")
    assert (result.exit_code, result.stdout) == (0, "stopped hm1nd, a, b\n")
    stop = {"cmd": "stop", "scope": {"agent_names": ["hm1nd", "a", "b"]}, "now": True}
    assert [one for one in daemon.requests if one["cmd"] == "stop"] == [stop]
    daemon.answers["list"] = NamesReply(agents=[])
    assert hive("stop", "--all").stdout == "there is no agent\n"
    for line in ("stop", "stop a --all"):
        refused = hive(*line.split())
        assert (refused.exit_code, "give --all" in refused.stderr) == (2, True)
    assert len([one for one in daemon.requests if one["cmd"] == "stop"]) == 1
