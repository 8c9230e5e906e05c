"""What the demo counts as done, as a table of what may be missing."""

import pytest

from actors.cli.demo.story import Story, message_rows, turn_rows

ROUTES = [("manager", "alice"), ("manager", "bob"), ("alice", "manager"), ("bob", "manager"), ("manager", "operator")]
TURNS = [("hm1nd", "mcp__hive__send"), ("alice", "Bash"), ("bob", "Write")]


def turn(agent: str, tool: str, *, cold: bool, outcome: str = "ok") -> dict:
    stats = {"cold": cold, "duration_ms": 1000 if cold else 50, "outcome": outcome, "tools": {tool: 1}}
    return {"kind": "turn", "data": {"agent": agent, "stats": stats}}


def message(number: int, sender: str, to: str) -> dict:
    return {"kind": "message", "data": {"id": number, "from": sender, "to": to, "body": f"text\n{number}"}}


def finished_story(*, without: object = None, outcome: str = "ok") -> Story:
    """The whole story, or all of it without one route, one turn or one answer."""
    story = Story(request=1)
    for number, route in enumerate(ROUTES, start=2):
        if route != without:
            story.take(message(number, *route))
    for agent, tool in TURNS:
        if (agent, True) != without:
            story.take(turn(agent, tool, cold=True, outcome=outcome))
    for agent, _ in TURNS:
        story.thank("manager" if agent == "hm1nd" else agent)
        if (agent, False) != without:
            story.take(turn(agent, "mcp__hive__send", cold=False))
    story.take({"kind": "agent", "data": {"name": "alice"}})
    return story


def test_a_whole_story_lacks_nothing():
    assert finished_story().missing() == []


@pytest.mark.parametrize(
    ("without", "sentences"),
    [
        (("manager", "alice"), ["manager did not write to alice"]),
        (("bob", "manager"), ["bob did not answer manager"]),
        (("manager", "operator"), ["manager did not report to operator"]),
        (("alice", True), ["alice did not use Bash", "alice has no cold turn"]),
        (("hm1nd", False), ["manager has no warm turn", "manager did not take note of the thanks"]),
    ],
)
def test_what_did_not_happen_is_named(without, sentences):
    assert finished_story(without=without).missing() == sentences


def test_a_turn_that_failed_is_named():
    assert "a turn of alice ended failed" in finished_story(outcome="failed").missing()


def test_no_agent_is_cut_off_in_the_turn_in_which_it_wrote_to_the_operator():
    story = finished_story()
    story.take(message(999, "manager", "operator"))
    story.take(turn("alice", "Bash", cold=False))
    assert story.missing() == ["the turn of manager has not ended"]
    story.take(turn("hm1nd", "send", cold=False))
    assert story.missing() == []


def test_what_came_before_the_request_does_not_count():
    story = Story(request=100)
    for number, route in enumerate(ROUTES):
        story.take(message(number, *route))
    assert "manager did not report to operator" in story.missing()


def test_before_the_thanks_no_agent_needs_a_warm_turn():
    story = finished_story()
    story.thanked, story.owed = {}, {}
    story.turns = {name: [one for one in turns if one["cold"]] for name, turns in story.turns.items()}
    assert story.missing() == []


def test_the_tables_show_who_wrote_and_what_warmth_is_worth():
    story = finished_story()
    assert message_rows(story)[0] == ("#2", "manager", "alice", "text 2")
    story.turns["manager"].insert(1, story.turns["manager"][1] | {"duration_ms": 300})
    story.thanked["manager"] = 2
    assert turn_rows(story) == [
        ("manager", "3", "1000 ms", "300 ms", "50 ms", "1/20", "send"),
        ("alice", "2", "1000 ms", "-", "50 ms", "1/20", "Bash, send"),
        ("bob", "2", "1000 ms", "-", "50 ms", "1/20", "Write, send"),
    ]
