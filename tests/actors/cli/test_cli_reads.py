import json

import pytest

from harness.wire.agent_api import LinesReply, MessagesReply
from harness.wire.operator_api import AgentStatusReply, TreeReply
from harness.wire.operator_api.mail import InboxReply
from tests.actors.cli import rows

HOSTILE = "hi\x1b]0;owned\x07 \x1b[2Jthere\x9b31m\u202e!"


def test_actors_draws_the_tree_with_state_restarts_uptime_mailbox_and_last_error(daemon, hive):
    daemon.answers["actors"] = TreeReply(tree=rows.tree())
    lines = hive("actors").stdout.splitlines()
    assert lines[0].split()[:4] == ["ACTOR", "STATE", "RESTARTS", "UP"]
    assert lines[1].startswith("hive one_for_one")
    assert "1d 1h" in lines[1]
    assert lines[2].split()[:3] == ["├─", "broker", "running"]
    assert "2" in lines[2]
    assert "1m 15s" in lines[2]
    assert "ValueError: no" in lines[2]
    assert lines[4].startswith("│  └─ alice one_for_all")
    assert lines[5].startswith("│     └─ web")
    assert "pid 4711" in lines[5]
    assert lines[6].startswith("└─ gateway")


def test_columns_are_straight_with_and_without_colour(daemon, hive):
    daemon.answers["actors"] = TreeReply(tree=rows.tree())
    plain, coloured = hive("actors").stdout, hive("actors", color=True).stdout
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured
    column = plain.splitlines()[0].index("STATE")
    assert all(line[column:].startswith("running") for line in plain.splitlines()[1:])


def test_no_color_is_respected_on_a_terminal(daemon, hive, monkeypatch):
    from actors.cli.output import colour_wanted

    monkeypatch.setenv("NO_COLOR", "1")
    assert colour_wanted() is False
    daemon.answers["actors"] = TreeReply(tree=rows.tree())
    assert "\x1b[" not in hive("actors").stdout


def test_every_read_prints_the_reply_as_json(daemon, hive):
    mail = [rows.message(3, "alice", "operator", "done")]
    daemon.answers |= {
        "actors": TreeReply(tree=rows.tree()),
        "agent_status": AgentStatusReply(agent_statuses=[rows.agent("alice", state="idle")]),
        "inbox": InboxReply(messages=mail, total=1, unread=1),
        "messages": MessagesReply(messages=mail),
        "journal": LinesReply(lines=["one", "two"]),
    }
    assert json.loads(hive("actors", "--json").stdout) == rows.tree().as_frame()
    assert json.loads(hive("agents", "--json").stdout)[0]["state"] == "idle"
    assert json.loads(hive("inbox", "--json").stdout) == [mail[0].as_frame()]
    assert json.loads(hive("messages", "--json").stdout) == [mail[0].as_frame()]
    assert json.loads(hive("logs", "alice", "--json").stdout) == ["one", "two"]


def test_agents_are_listed_and_what_is_not_known_is_no_zero(daemon, hive):
    known = rows.agent(
        "alice", state="thinking", paused=True, pending=2, leased=1, active_model="haiku",
        last_turn={"outcome": "ok", "duration_ms": 1234}, since="2026-01-02T03:04:05.000Z", note="kept\nshort",
    )  # fmt: skip
    daemon.answers["agent_status"] = AgentStatusReply(agent_statuses=[known, rows.agent("bob")])
    out = hive("agents").stdout
    assert "thinking (paused)" in out
    assert "2+1" in out
    assert "ok 1.2s" in out
    assert "kept short" in out
    assert out.splitlines()[2].split() == ["bob", "agent", "stopped", "-", "-", "?", "-"]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("agents", "There are no agents yet"),
        ("inbox", "There are no messages to you"),
        ("messages", "There are no messages yet"),
    ],
)
def test_an_empty_read_says_so_in_a_sentence(daemon, hive, command, sentence):
    daemon.answers |= {
        "agent_status": AgentStatusReply(agent_statuses=[]),
        "inbox": InboxReply(messages=[], total=0, unread=0),
        "messages": MessagesReply(messages=[]),
    }
    result = hive(command)
    assert result.exit_code == 0
    assert result.stdout.startswith(sentence)


def test_messages_show_their_route_their_thread_and_what_is_special_about_them(daemon, hive):
    daemon.answers["messages"] = MessagesReply(
        messages=[rows.message(4, "alice", "bob", "a\nb", in_reply_to=3, broadcast=True, kind="event")]
    )
    head, *body = hive("messages").stdout.splitlines()
    assert head.startswith("#4 ")
    assert head.endswith("alice → bob (re #3, to all, event)")
    assert body == ["    a", "    b"]


def test_messages_that_were_never_delivered_are_asked_for_and_say_so(daemon, hive):
    mail = rows.message(4, "alice", "carol", "too late").model_copy(update={"undelivered": True})
    daemon.answers["messages"] = MessagesReply(messages=[mail])
    assert "alice → carol (never delivered)" in hive("messages", "--undelivered").stdout
    assert daemon.requests[-1]["undelivered"] is True
    assert hive("messages", "--undelivered", "--follow").exit_code == 2


def test_nothing_an_agent_wrote_is_obeyed_by_the_terminal(daemon, hive):
    tree = rows.tree().model_copy(update={"last_error": HOSTILE})
    daemon.answers |= {
        "inbox": InboxReply(messages=[rows.message(1, "alice", "operator", HOSTILE)], total=1, unread=1),
        "journal": LinesReply(lines=[HOSTILE]),
        "actors": TreeReply(tree=tree),
        "agent_status": AgentStatusReply(agent_statuses=[rows.agent("a", state=HOSTILE, note=HOSTILE)]),
    }
    for command in (["inbox"], ["logs", "alice"], ["actors"], ["agents"], ["inbox", "--json"]):
        out = hive(*command).stdout
        assert not set(out) & {"\x1b", "\x07", "\x9b", "\u202e"}, command
    assert "hi there\N{REPLACEMENT CHARACTER}31m" in hive("inbox").stdout
