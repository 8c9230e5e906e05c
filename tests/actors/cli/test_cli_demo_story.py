"""What the demo counts as done, as a table of what may be missing."""

import pytest

from actors.cli.demo_story import Story, message_rows, turn_rows

ROUTES = [("manager", "alice"), ("manager", "bob"), ("alice", "manager"), ("bob", "manager"), ("manager", "operator")]
TURNS = [("hm1nd", "mcp__hive__send"), ("alice", "Bash"), ("bob", "Write")]


def told(*, without: object = None, outcome: str = "ok") -> Story:
    """Two whole rounds, or all of them without one route or one turn."""
    story, number = Story(), 0
    for cold in (True, False):
        number += 1
        story.requests.append(number)
        for sender, to in ROUTES:
            number += 1
            data = {"id": number, "from": sender, "to": to, "body": f"text\n{number}"}
            if (sender, to) != without:
                story.take({"kind": "message", "data": data})
        for agent, tool in TURNS:
            stats = {"cold": cold, "duration_ms": 1000 if cold else 50, "outcome": outcome, "tools": {tool: 1}}
            if (agent, cold) != without:
                story.take({"kind": "turn", "data": {"agent": agent, "stats": stats}})
    story.take({"kind": "agent", "data": {"name": "alice"}})
    return story


def test_two_whole_rounds_lack_nothing():
    assert told().missing() == []


@pytest.mark.parametrize(
    ("without", "sentences"),
    [
        (("manager", "alice"), ["round 1: manager did not write to alice", "round 2: manager did not write to alice"]),
        (("bob", "manager"), ["round 1: bob did not answer manager", "round 2: bob did not answer manager"]),
        (
            ("manager", "operator"),
            ["round 1: manager did not report to operator", "round 2: manager did not report to operator"],
        ),
        (("alice", True), ["alice has no cold turn"]),
        (("hm1nd", False), ["manager has no warm turn"]),
    ],
)
def test_what_did_not_happen_is_named(without, sentences):
    assert told(without=without).missing() == sentences


def test_a_turn_that_failed_and_a_tool_that_was_not_used_are_named():
    assert "a turn of alice ended failed" in told(outcome="failed").missing()
    story = told()
    story.turns["bob"] = [turn | {"tools": {}} for turn in story.turns["bob"]]
    assert story.missing() == ["bob did not use Write"]


def test_what_came_before_the_request_does_not_count():
    story = Story(requests=[100])
    for number, (sender, to) in enumerate(ROUTES):
        story.take({"kind": "message", "data": {"id": number, "from": sender, "to": to, "body": ""}})
    assert "round 1: manager did not report to operator" in story.missing()


def test_the_first_round_does_not_ask_for_warm_turns():
    story = told()
    story.requests = story.requests[:1]
    story.turns = {name: [turn for turn in turns if turn["cold"]] for name, turns in story.turns.items()}
    assert story.missing() == []


def test_the_tables_show_who_wrote_and_what_warmth_is_worth():
    story = told()
    assert message_rows(story)[0] == ("#2", "manager", "alice", "text 2")
    assert turn_rows(story) == [
        ("manager", "2", "1000 ms", "50 ms", "1/20", "send"),
        ("alice", "2", "1000 ms", "50 ms", "1/20", "Bash"),
        ("bob", "2", "1000 ms", "50 ms", "1/20", "Write"),
    ]
