"""`hive why`, `effects`, `thread` and `search`: what they print of what the daemon answers."""

import json

import pytest

from harness.wire.boundary.causes import CauseRow, Cost, Origin
from harness.wire.errors import not_found
from harness.wire.operator_api.causes import CausesReply, ThreadReply
from harness.wire.operator_api.search import SearchReply
from harness.wire.operator_rows import SearchHit, SnippetPart
from tests.actors.cli import rows

AT = "2026-01-02T03:04:05.000Z"
COST = Cost(turns=9, agents=4, cost_usd=0.311, unpriced=1, tools=12, complete=True)
MAIL = CauseRow(
    name="message:12", depth=0, at=AT, who="operator", to="alice", text="how many\nboats?", status="message"
)
TURN = CauseRow(
    name="turn:alice/5", depth=1, at=AT, who="alice", status="ok", duration_ms=1500, tools=2, cost_usd=0.1, more=7
)


def test_effects_are_a_tree_with_the_cost_below(daemon, hive):
    daemon.answers["effects"] = CausesReply(rows=[MAIL, TURN], cost=COST)
    lines = hive("effects", "message:12").stdout.splitlines()
    assert lines[0].startswith("message:12 2026-01-02 ")
    assert lines[0].endswith("operator → alice how many boats?")
    assert lines[1].startswith("  └ turn:alice/5 ")
    assert lines[1].endswith("alice (ok, 1s, 2 tool calls, $0.1000)")
    assert lines[2].strip() == "… 7 more"
    assert lines[-1] == "$0.31 in 9 turns of 4 agents; 1 without a price"
    assert daemon.requests[-1] == {"cmd": "effects", "name": "message:12"}


def test_a_tree_that_was_cut_costs_at_least_so_much(daemon, hive):
    daemon.answers["effects"] = CausesReply(rows=[MAIL], cost=COST.model_copy(update={"complete": False}))
    assert hive("effects", "message:12").stdout.splitlines()[-1].startswith("at least $0.31")


@pytest.mark.parametrize(("origin", "words"), [("operator", "the operator did it"), ("unknown", "is not known")])
def test_why_ends_with_who_began_it(daemon, hive, origin, words):
    daemon.answers["why"] = CausesReply(rows=[MAIL.model_copy(update={"origin": Origin(origin)})], cost=COST)
    assert words in hive("why", "message:12").stdout.splitlines()[1]


def test_what_is_not_kept_any_more_is_named(daemon, hive):
    gone = CauseRow(name="message:3", depth=1)
    daemon.answers["why"] = CausesReply(rows=[MAIL, gone], cost=COST)
    assert "└ message:3 is not kept any more" in hive("why", "message:12").stdout


def test_words_of_agents_do_nothing_to_the_terminal(daemon, hive):
    daemon.answers["why"] = CausesReply(
        rows=[MAIL.model_copy(update={"text": "\x1b]0;owned\x07red\x1b[31m"})], cost=COST
    )
    assert "\x1b" not in hive("why", "message:12").stdout


def test_a_name_that_is_none_is_an_error(daemon, hive):
    daemon.answers["why"] = not_found("message 99", "it may be too old to be kept")
    failed = hive("why", "message:99")
    assert failed.exit_code != 0
    assert "message 99" in failed.stderr


def conversation(frame):
    stored = [rows.message(number, "alice", "bob", f"line {number}") for number in range(1, 8)]
    page = [one for one in stored if one.id < (frame.get("before") or 99)][-min(frame["limit"], 3) :]
    return ThreadReply(root=1, total=7, messages=page, rows=[TURN] if page[-1].id == 7 else [], cost=COST)


def test_a_conversation_is_read_to_its_first_message(daemon, hive):
    daemon.answers["thread"] = conversation
    out = hive("thread", "4").stdout
    assert [f"line {number}" in out for number in range(1, 8)] == [True] * 7
    assert "turn:alice/5" in out
    assert out.splitlines()[-1] == "$0.31 in 9 turns of 4 agents; 1 without a price"
    assert len(json.loads(hive("thread", "4", "--json").stdout)["messages"]) == 7


def test_a_part_of_a_conversation_says_that_it_is_one(daemon, hive):
    daemon.answers["thread"] = conversation
    assert hive("thread", "4", "-n", "2").stdout.splitlines()[0] == "the newest 2 of 7 messages"


def found(**more):
    hit = SearchHit(
        kind="message", id=12, at=AT, sender="alice", recipient="bob",
        snippet=[SnippetPart(text="the ", hit=False), SnippetPart(text="pelican", hit=True), SnippetPart(text="\x1b[2J", hit=False)],
    )  # fmt: skip
    return SearchReply(**{"hits": [hit], "total": 1, "more_than_total": False, "next": None, "not_indexed": 0} | more)


def test_a_search_shows_the_hit_and_how_many_there_are(daemon, hive):
    daemon.answers["search"] = found()
    lines = hive("search", "from:alice", "pelican").stdout.splitlines()
    assert daemon.requests[-1]["query"] == "from:alice pelican"
    assert lines[0].startswith("message #12 2026-01-02 ")
    assert lines[0].endswith("alice → bob")
    assert [lines[1].strip(), lines[2]] == ["the pelican", "1 of 1 hits"]


def test_a_search_says_what_the_index_lacks_and_where_it_goes_on(daemon, hive):
    daemon.answers["search"] = found(total=1_000, more_than_total=True, next="777", not_indexed=4_321)
    lines = hive("search", "pelican", "-n", "1").stdout.splitlines()
    assert lines[-2:] == [
        "1 of more than 1,000 hits; older ones: --before 777", "4,321 newer or older rows are not in the index yet",
    ]  # fmt: skip


def test_a_search_without_a_hit_says_so(daemon, hive):
    daemon.answers["search"] = found(hits=[], total=0)
    assert hive("search", "xyzzy").stdout == "Nothing matches.\n"
