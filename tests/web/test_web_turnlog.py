import pytest

from harness.wire.agent_api import Message
from harness.wire.errors import HiveError
from harness.wire.operator_rows import AgentRow, TreeNode, TurnRow
from tests.web import rows
from web import look, needs, said, slash, spark, text, toolcalls, treeview, turnlog

AT = "2026-11-20T06:00:00.000Z"
NOW = 1_795_154_400_000


def logged(*events):
    return turnlog.rows({"id": n, "at": AT, "event": event} for n, event in enumerate(events, 1))


@pytest.mark.parametrize(
    ("event", "glyph", "words"),
    [
        (
            {"kind": "turn_start", "from": "manager", "body": "do it", "unread": 2, "message_ids": [1]},
            "→",
            "from manager  (+2 queued)",
        ),
        (rows.call("Bash", command="ls -la\nrm x"), "◆", "$ ls -la"),
        (rows.call("Read", file_path="/a/b", offset=3, limit=4), "◆", "/a/b:3-7"),
        (rows.call("Write", file_path="/a/b", content="x\ny"), "◆", "/a/b  2 lines"),
        (rows.call("mcp__hive__send", to="bob", body="hi"), "◆", "→ bob: hi"),
        (rows.call("mcp__other__do", x=1), "◆", "x=1"),
        (rows.result("fine"), "←", "fine"),
        (rows.result("no", failed=True), "✗", "no"),
        ({"kind": "note", "class": "stderr", "text": "ouch"}, "!", "ouch"),
        ({"kind": "note", "class": "operator", "text": "cancelled"}, "⌁", "cancelled"),
        ({"kind": "turn_end", "ok": True, "outcome": "ok"}, "✓", "turn ok"),
        (
            {"kind": "turn_end", "ok": False, "outcome": "rate_limited", "note": "later"},
            "✗",
            "turn rate limited  later",
        ),
        ({"kind": "state", "state": "rate_limited", "until": AT}, "⌁", "rate limited until 06:00 UTC"),
        ({"kind": "model", "model": "opus"}, "⌁", "model is now opus"),
        ({"kind": "stream", "message": {"type": "hologram"}}, "!", '{"type": "hologram"}'),
        ({"kind": "stream", "message": "text"}, "!", '{"kind": "stream", "message": "text"}'),
        (
            {"kind": "stream", "message": {"type": "assistant", "message": {"content": [{"type": "smell"}]}}},
            "!",
            '{"type": "smell"}',
        ),
        ({"kind": "unheard of"}, "!", '{"kind": "unheard of"}'),
        (None, "!", f'{{"id": 1, "at": "{AT}", "event": null}}'),
    ],
)
def test_each_kind_of_event_has_its_glyph_and_meaning(event, glyph, words):
    (row,) = logged(event)
    assert (row.glyph, row.summary) == (glyph, words)


@pytest.mark.parametrize("message", [{"type": "system", "subtype": "init"}, {"type": "stream_event"}])
def test_what_says_nothing_has_no_row(message):
    assert logged({"kind": "stream", "message": message}, {"kind": "usage"}, {"kind": "state", "state": "idle"}) == []


def test_long_answers_are_folded_and_very_long_ones_cut():
    (row,) = logged(rows.result("\n".join(f"line {n}" for n in range(500))))
    assert row.summary == "line 0  (500 lines)"
    assert len(row.body) == turnlog.BODY_LINES + 1
    assert not row.open


def test_a_small_edit_is_open_and_shows_its_diff():
    (row,) = logged(rows.call("Edit", file_path="f", old_string="a\nb\nc", new_string="a\nB\nc"))
    assert row.open
    assert [(line.mark, line.text) for line in row.body if line.mark in "+-" and line.mark] == [("-", "b"), ("+", "B")]
    assert len(toolcalls.diff("", "x\n" * 500)) == toolcalls.DIFF_LINES + 1


@pytest.mark.parametrize(
    "arguments", [{"file_path": None}, {"edits": "x"}, {"todos": [1]}, {"offset": 3}, {"command": ["x"]}]
)
@pytest.mark.parametrize(
    "tool",
    ["Bash", "Read", "Edit", "MultiEdit", "Write", "Grep", "TodoWrite", "Task", "mcp__hive__ask", "mcp__hive__x", "?"],
)
def test_a_call_with_odd_arguments_is_shown_all_the_same(tool, arguments):
    assert toolcalls.meaning(tool, arguments).tool


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
def test_an_agent_s_state_is_one_word(row, word):
    assert look.of(AgentRow(name="a", **row)).word == word


def test_every_state_of_a_harness_has_a_look():
    from harness.wire.events import HarnessState

    assert {state.replace("_", " ") for state in HarnessState} <= set(look.LOOKS)


def test_needs_are_ranked_and_mail_is_gathered_by_sender():
    agents = [
        AgentRow(name="a", running=True, state="needs_login"),
        AgentRow(name="b", failed=True),
        AgentRow(name="c", failed=True, transient="starting"),
    ]
    mail = [
        Message.model_validate({"id": n, "from": "a", "to": "operator", "body": f"m{n}", "sent_at": AT})
        for n in (1, 2, 3)
    ]
    found = needs.needs(agents, mail, seen=1)
    assert [(need.kind.value, need.who) for need in found] == [("failed", "b"), ("needs login", "a"), ("mail", "a")]
    assert found[-1].sentence == "m3  (+1 more)"
    assert found[-1].ids == (2, 3)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hello", slash.Say("hello")),
        ("/etc/passwd is odd", slash.Say("/etc/passwd is odd")),
        (" /compact ", slash.Control("compact")),
        ("/new-session", slash.Control("new_session")),
        ("/model opus", slash.Control("model", "opus")),
        ("/help", slash.Help()),
    ],
)
def test_a_line_is_a_message_or_a_command(typed, meant):
    assert slash.read(typed) == meant


@pytest.mark.parametrize("typed", ["", "  ", "/", "/model", "/modle opus"])
def test_a_command_that_is_none_is_refused_with_the_way_out(typed):
    with pytest.raises(HiveError):
        slash.read(typed)


def test_the_last_hour_is_twelve_bars_of_time_spent():
    turn = TurnRow(
        id=1, agent="a", stats={"started_at": "2026-11-20T05:58:00.000Z", "ended_at": "2026-11-20T06:00:00.000Z"}
    )
    shares = spark.busy([turn, TurnRow(id=2, agent="a", stats={})], NOW)
    assert shares == [0.0] * 11 + [pytest.approx(0.4)]
    assert spark.heights([0, 0.001, 1]) == [0, 2, spark.HEIGHT]


def test_a_drawing_places_each_node_once_beside_its_parent():
    tree = rows.tree()
    drawing = treeview.draw(tree)
    placed = {one.path: one for one in drawing.nodes}
    assert len(placed) == len(list(treeview.walk(tree))) == len(drawing.nodes)
    assert placed["hive/agents"].y == placed["hive/agents/alice"].y
    assert all(bool(one.link) == (one.path != "hive") for one in drawing.nodes)
    assert len({(one.x, one.y) for one in drawing.nodes}) == len(drawing.nodes)
    assert treeview.draw(TreeNode(name="x", kind="actor", state="down")).nodes[0].link == ""


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (text.ago(NOW - 61_000, NOW), "1m"), (text.ago(None, NOW), "—"), (text.ago(NOW + 5, NOW), "now"), (text.clock(7), "0:07"), (text.clock(3723), "1:02:03"),
        (text.duration_ms(70), "70 ms"), (text.duration_ms(1400), "1.4 s"), (text.duration_ms(18_400), "18 s"), (text.duration_ms(600_000), "10m"),
        (text.money(0.05), "$0.05"), (text.money(0.0031), "$0.0031"), (text.money(0), "$0.00"), (text.tokens(12_300), "12k"), (text.tokens(1_200_000), "1.2M"),
        (text.model("claude-opus-4-1-20250805"), "opus 4.1"), (text.model("claude-haiku-4-5"), "haiku 4.5"), (text.model("sonnet"), "sonnet"), (text.size(58_000_000), "55 MiB"),
    ],
)  # fmt: skip
def test_figures_are_short_and_keep_their_unit(shown, words):
    assert shown == words


def test_a_system_event_is_a_sentence_and_other_json_stays_as_it_is():
    def mail(sender, body):
        return Message.model_validate({"id": 1, "from": sender, "to": "manager", "body": body, "sent_at": AT})

    crash = '{"event": "container_crash", "agent": "bob", "note": "out of memory", "exit_status": 137}'
    assert said.sentence(mail("system", crash)) == "container crash · bob · out of memory · exit status 137"
    assert said.sentence(mail("alice", crash)) is None
    assert said.sentence(mail("system", "hello")) is None
    assert said.sentence(mail("system", "[1]")) is None
