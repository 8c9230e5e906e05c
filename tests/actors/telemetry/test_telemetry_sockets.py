"""The turn log over the sockets: what a harness reports is paged, filtered and summed up, also across a restart."""

from functools import partial

import pytest

from tests.actors.agent.test_agent_generations import STATS, Client
from tests.actors.whole_hive import WholeHive

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def hive():
    hive = WholeHive()
    hive.settle_in(["alice"])
    yield hive
    hive.remove()


def result(*, failed):
    block = {"type": "tool_result", "tool_use_id": "t", "content": "x", "is_error": failed}
    return {"kind": "stream", "message": {"type": "user", "message": {"content": [block]}}}


def start():
    return {"kind": "turn_start", "from": "operator", "body": "go", "unread": 0, "message_ids": []}


def end():
    return {"kind": "turn_end", "ok": True, "outcome": "ok"}


def test_a_turn_that_spans_a_restart_of_the_daemon_has_its_events_and_filters_find_them(hive):
    host, turns = Client(hive.host), Client(partial(hive.harness, "alice"))
    turns.ask("publish", events=[{"kind": "state", "state": "booting", "since": STATS["started_at"]}])
    before = host.ask("live_history", agent="alice")["rows"][-1]["id"]
    turns.ask("publish", events=[start(), result(failed=True)])
    hive.close()
    hive.open()
    turns.ask("publish", events=[result(failed=False), end()])
    assert turns.ask("turn_ended", stats=STATS | {"tokens": {"input": 7}, "tools": {"Bash": 2}})["ok"]
    page = host.ask("live_history", agent="alice", after=before)
    (turn,) = page["turns"]
    inside = [row["event"]["kind"] for row in page["rows"] if turn["first_event"] <= row["id"] <= turn["last_event"]]
    assert inside == ["turn_start", "stream", "stream", "turn_end"]
    assert page["newer"] is None
    assert page["older"] is not None
    errors = host.ask("live_history", agent="alice", only="errors", at=page["rows"][0]["at"])
    assert [row["event"] for row in errors["rows"]] == [result(failed=True)]
    assert [one["id"] for one in errors["turns"]] == [turn["id"]]
    assert host.ask("live_history", agent="alice", only="gossip")["ok"] is False
    totals = host.ask("turns", agent="alice", totals=True)["since_boot"]
    assert (totals["turns"], totals["tokens"], totals["tools"]) == (1, {"input": 7}, {"Bash": 2})
    assert host.ask("stats", since="2030-01-01T00:00:00Z")["costs"]["alice"][0][1:] == [1.0, 1]
