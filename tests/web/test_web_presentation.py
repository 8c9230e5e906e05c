"""Rows as pages show them: states, action items, notifications, notices, charts, figures; and slash commands."""

import pytest

from harness.wire import times
from harness.wire.agent_api import Message, Question
from harness.wire.errors import HiveError
from harness.wire.events import HarnessState
from harness.wire.operator_rows import AgentRow, ApprovalRow, OperatorEvent, TreeNode, TurnRow
from tests.web import sample_rows
from web.actions import slash_commands
from web.live.notices import notice_of
from web.presentation import (
    agent_state,
    decision_state,
    formats,
    login,
    sparkline,
    system_events,
    tree_drawing,
)
from web.presentation.charts.statistics import statistics
from web.presentation.notifications import notifications
from web.presentation.state_style import Tone

AT = "2026-11-20T06:00:00.000Z"
NOW = times.to_ms(AT)


def approval(**changes):
    return ApprovalRow.model_validate(
        {"id": 1, "agent": "bob", "kind": "apply_commit", "status": "pending", "requested_at": AT} | changes
    )


def question(**changes):
    return Question.model_validate(
        {"id": 1, "asker": "bob", "target": "operator", "question": "?", "options": [], "multi": False, "asked_at": AT}
        | changes
    )


def mail(number, sender="bob"):
    return Message.model_validate({"id": number, "from": sender, "to": "operator", "body": "hi\nyou", "sent_at": AT})


def test_each_notification_has_its_own_key():
    found = notifications([approval(), approval(id=2)], [question()], [mail(6)])
    assert [one.key for one in found] == ["approval-1", "approval-2", "question-1", "mail-6"]
    assert found[3].body == "hi"


@pytest.mark.parametrize(
    ("status", "tag", "word"),
    [
        ("pending", "proposal/1", "pending"),
        ("approved", "approved/1", "being carried out"),
        ("approved", "building/1", "being carried out"),
        ("approved", "deployed/1", "deployed"),
        ("failed", "failed/1", "failed"),
        ("denied", None, "denied"),
        ("cancelled", None, "cancelled"),
        ("postponed", None, "postponed"),
    ],
)
def test_the_state_of_an_approval_is_one_word(status, tag, word):
    assert decision_state.approval_style(approval(status=status, tag=tag)).word == word


def test_notices_come_from_notice_events_and_from_outcomes_only():
    def notice(kind, **data):
        return notice_of(OperatorEvent(seq=1, at=AT, kind=kind, data=data))

    assert notice("notice", level="warning", text="x", agent="bob") == (Tone.WAIT, "x", "bob")
    assert notice("notice", level="dire", text="x") == (Tone.CALM, "x", None)
    assert (
        notice("approval", id=1, agent="manager", status="approved", tag="deployed/1")[1]
        == "approval #1 of hm1nd is deployed"
    )
    assert notice("approval", id=1, agent="bob", status="pending") is None
    assert notice("question", id=1, asker="bob", status="answered") is None
    assert notice("agent", name="bob") is None


def test_charts_gather_points_into_equal_spans():
    hour = 3_600_000
    series = {
        "ann": {"turns": [[NOW - hour + 1, 1], [NOW - hour + 2, 1], [NOW, 1]], "turn_duration_ms": [[NOW, 2000]], "tool.mcp__hive__send": [[NOW, 4]]},
        "bob": {"turns": [[NOW - hour + 3, 1], [NOW - 2 * hour, 9]], "turn_duration_ms": [[NOW, 4000]], "tool.Bash": [[NOW, 5]], "outcome.rate_limited": [[NOW, 1]]},
        "*": {"approvals_pending": [[NOW - hour // 2, 2]]},
    }  # fmt: skip
    found = statistics(series, NOW - hour, NOW)
    drawn = {one.key: {line.name: line.values for line in one.lines} for one in found.charts}
    assert drawn["turns"]["turns"] == [3.0, *[0.0] * 58, 1.0]
    assert drawn["duration"]["p50"][-2:] == [None, 3.0]
    assert drawn["duration"]["p95"][-1] == pytest.approx(3.9)
    assert drawn["outcomes"]["rate_limited"][-1] == 1
    assert drawn["approvals"]["pending"] == [None] * 30 + [2.0] * 30
    assert found.tools == [("Bash", 5), ("send", 4)]
    assert "notes" not in drawn
    assert statistics({}, NOW - hour, NOW).charts == []


@pytest.mark.parametrize(
    ("seconds", "left", "when"),
    [
        (252, "04:12", "in 4m"),
        (3_725, "1:02:05", "in 1h"),
        (0, "00:00", "due"),
        (-5, "00:00", "due"),
        (59, "00:59", "in 59s"),
    ],
)
def test_a_moment_to_come_is_counted_down(seconds, left, when):
    now = NOW - seconds * 1000
    assert (formats.until(AT, now), formats.within(AT, now)) == (left, when)
    assert formats.until(None, now) == "—"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"transient": "stopping", "failed": True}, "stopping"),
        ({"failed": True, "running": True}, "failed"),
        ({"running": False, "state": "thinking"}, "stopped"),
        ({"running": True, "state": "needs_login"}, "needs login"),
        ({"running": True, "state": "idle", "needs_login": True}, "needs login"),
        ({"running": True, "state": "idle", "paused": True}, "paused"),
        ({"running": True, "state": "thinking", "paused": True}, "thinking"),
        ({"running": True, "state": "rate_limited"}, "rate limited"),
        ({"running": False, "state": "rate_limited"}, "rate limited"),
        ({"running": True, "state": "levitating"}, "levitating"),
        ({"role": "peer"}, "peer"),
    ],
)
def test_the_state_of_an_agent_is_one_word(row, word):
    assert agent_state.style(AgentRow(name="a", **row)).word == word


def test_every_state_of_a_harness_has_a_style():

    assert {state.replace("_", " ") for state in HarnessState} <= set(agent_state.STYLES)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hello", slash_commands.Text("hello")),
        ("/etc/passwd is odd", slash_commands.Text("/etc/passwd is odd")),
        (" /compact ", slash_commands.Control("compact")),
        ("/new-session", slash_commands.Control("new_session")),
        ("/model opus", slash_commands.Control("model", "opus")),
        ("/help", slash_commands.Help()),
    ],
)
def test_a_line_is_a_message_or_a_command(typed, meant):
    assert slash_commands.parse(typed) == meant


@pytest.mark.parametrize("typed", ["", "  ", "/", "/model", "/modle opus"])
def test_an_unknown_command_is_refused_with_a_hint(typed):
    with pytest.raises(HiveError):
        slash_commands.parse(typed)


def test_the_sparkline_has_twelve_bars_for_the_last_hour():
    turn = TurnRow(
        id=1, agent="a", stats={"started_at": "2026-11-20T05:58:00.000Z", "ended_at": "2026-11-20T06:00:00.000Z"}
    )
    shares = sparkline.busy_shares([turn, TurnRow(id=2, agent="a", stats={})], NOW)
    assert shares == [0.0] * 11 + [pytest.approx(0.4)]
    assert sparkline.heights([0, 0.001, 1]) == [0, 2, sparkline.HEIGHT]


def test_a_drawing_places_each_node_once_beside_its_parent():
    tree = sample_rows.tree()
    drawing = tree_drawing.draw(tree)
    placed = {one.path: one for one in drawing.nodes}
    assert len(placed) == len(list(tree_drawing.walk(tree))) == len(drawing.nodes)
    assert placed["hive/agents"].y == placed["hive/agents/alice"].y
    assert all(bool(one.link) == (one.path != "hive") for one in drawing.nodes)
    assert len({(one.x, one.y) for one in drawing.nodes}) == len(drawing.nodes)
    assert tree_drawing.draw(TreeNode(name="x", kind="actor", state="down")).nodes[0].link == ""


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (formats.ago(NOW - 61_000, NOW), "1m"), (formats.ago(None, NOW), "—"), (formats.ago(NOW + 5, NOW), "now"), (formats.clock(7), "0:07"), (formats.clock(3723), "1:02:03"),
        (formats.duration_ms(70), "70 ms"), (formats.duration_ms(1400), "1.4 s"), (formats.duration_ms(18_400), "18 s"), (formats.duration_ms(600_000), "10m"),
        (formats.money(0.05), "$0.05"), (formats.money(0.0031), "$0.0031"), (formats.money(0), "$0.00"), (formats.tokens(12_300), "12k"), (formats.tokens(1_200_000), "1.2M"),
        (formats.model("claude-opus-4-1-20250805"), "opus 4.1"), (formats.model("claude-haiku-4-5"), "haiku 4.5"), (formats.model("sonnet"), "sonnet"), (formats.size(58_000_000), "55 MiB"),
    ],
)  # fmt: skip
def test_figures_are_short_and_have_their_unit(shown, words):
    assert shown == words


def test_a_system_event_is_a_sentence_and_other_json_stays_unchanged():
    def mail(sender, body):
        return Message.model_validate({"id": 1, "from": sender, "to": "manager", "body": body, "sent_at": AT})

    crash = '{"event": "container_crash", "agent": "bob", "note": "out of memory", "exit_status": 137}'
    assert system_events.sentence(mail("system", crash)) == "container crash · bob · out of memory · exit status 137"
    assert system_events.sentence(mail("alice", crash)) is None
    assert system_events.sentence(mail("system", "hello")) is None
    assert system_events.sentence(mail("system", "[1]")) is None


def test_limits_that_do_not_hold_are_said_beside_the_state():
    row = AgentRow(name="alice", running=True, state="idle", not_enforced=["memory", "cpu"])
    assert [badge.text for badge in agent_state.badges(row)] == ["not enforced: memory, cpu"]


def test_an_mcp_server_that_is_slow_or_dead_is_said_beside_the_state():
    servers = [
        {"name": "files", "status": "connected", "tools": 3},
        {"name": "web", "status": "pending"},
        {"name": "db", "status": "failed", "error": "ENOENT"},
    ]
    row = AgentRow.model_validate({"name": "alice", "running": True, "state": "idle", "mcp_servers": servers})
    assert [(badge.text, badge.title) for badge in agent_state.badges(row)] == [
        ("mcp web slow", "this MCP server has not answered yet"),
        ("mcp db failed", "ENOENT"),
    ]


def in_login(state, **more):
    login = {"state": state, "begun_at": AT, "since": AT, **more}
    return AgentRow.model_validate({"name": "cat", "running": True, "needs_login": True, "login": login})


ACCOUNT_PAGE = "https://claude.com/cai/oauth/authorize?code=true"


@pytest.mark.parametrize(
    ("row", "step", "trouble"),
    [
        (AgentRow(name="cat", running=True, needs_login=True), "start", None),
        (in_login("started"), "wait", None),
        (in_login("waiting_for_code", url=ACCOUNT_PAGE), "enter code", None),
        (in_login("waiting_for_code", url=ACCOUNT_PAGE, reason="half of it"), "enter code", "half of it"),
        (in_login("checking", url=ACCOUNT_PAGE), "wait", None),
        (in_login("failed", reason="that code was used"), "start", "that code was used"),
        (in_login("cancelled"), "start", None),
    ],
)
def test_the_login_of_an_agent_is_at_one_step(row, step, trouble):
    form = login.form(row, NOW)
    assert (form.step, form.trouble) == (step, trouble)


@pytest.mark.parametrize(
    "row",
    [
        AgentRow(name="cat", running=True),
        AgentRow(name="cat", needs_login=True),
        AgentRow(name="cat", role="peer", running=True, needs_login=True),
        in_login("done").model_copy(update={"needs_login": False}),
    ],
)
def test_an_agent_that_needs_no_login_or_cannot_have_one_has_no_form(row):
    assert login.form(row, NOW) is None


def test_an_address_that_is_not_the_accounts_is_no_link():
    strange = login.form(in_login("waiting_for_code", url="https://claude.com.example.org/"), NOW)
    assert (strange.href, strange.url) == (None, "https://claude.com.example.org/")
    assert "do not log in" in strange.trouble
    assert login.form(in_login("waiting_for_code", url=ACCOUNT_PAGE), NOW).href == ACCOUNT_PAGE


@pytest.mark.parametrize(
    ("hours", "shared", "offered"), [(24 * 4, False, False), (50, False, True), (-1, False, True), (50, True, False)]
)
def test_a_login_that_ends_soon_is_offered_again_unless_it_is_that_of_all_agents(hours, shared, offered):
    ends = times.from_ms(NOW + hours * 3600 * 1000)
    row = AgentRow(name="cat", running=True, state="idle", login_expires_at=ends, login_shared=shared)
    assert (login.form(row, NOW) is not None) == offered
