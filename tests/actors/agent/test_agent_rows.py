"""The operator's row: what is known, null where it is not, and what a harness's words do to it."""

import pytest

from actors.agent.container.harness_status import HarnessStatus, updated
from actors.agent.container.state import AgentState
from actors.agent.registry.rows import row
from actors.agent.snapshot import AgentRecord, AgentSnapshot, Desired, ObservedStatus
from actors.broker.messages import Counts
from actors.telemetry.messages import Summary

SINCE = "2026-01-01T00:00:00.000Z"
RECORD = AgentRecord(name="alice", role="agent", desired=Desired.RUNNING, created_ms=0)
COUNTS = Counts(pending=2, leased=1, oldest_unacked_at=None, last_asked_at=None, polling=False)


def shown(state=AgentState.RUNNING, record=RECORD, **seen):
    return row(AgentSnapshot(record, ObservedStatus(state=state, since_ms=0, **seen)), COUNTS, Summary(turns_today=3))


def test_while_it_runs_the_state_is_what_the_harness_does():
    since = "2026-01-01T00:00:00.000Z"
    thinking = shown(activity="thinking", activity_since=since)
    assert (thinking.state, thinking.since, thinking.running) == ("thinking", since, True)
    assert shown().state == "running"


@pytest.mark.parametrize(
    ("state", "running", "failed", "transient"),
    [
        (AgentState.STARTING, False, False, "starting"),
        (AgentState.STOPPING, False, False, "stopping"),
        (AgentState.STOPPED, False, False, None),
        (AgentState.FAILED, False, True, None),
        (AgentState.PARKED, False, True, None),
        (AgentState.RUNNING, True, False, None),
    ],
)
def test_the_flags_follow_the_state_and_nothing_else(state, running, failed, transient):
    seen = shown(state, activity="idle")
    assert (seen.running, seen.failed, seen.transient) == (running, failed, transient)
    assert seen.state == ("idle" if running else state.value)


def test_figures_come_from_their_rooms_and_are_null_without_them():
    assert (shown().pending, shown().turns_today) == (2, 3)
    alone = row(AgentSnapshot(RECORD, None), None, None)
    assert (alone.pending, alone.turns_today, alone.last_turn, alone.needs_login) == (None, None, None, False)


def test_the_manager_is_shown_under_its_broker_name():
    record = AgentRecord(name="hm1nd", role="manager", desired=Desired.RUNNING, created_ms=0)
    assert (shown(record=record).name, shown(record=record).container) == ("manager", "hm1nd")


def test_needs_login_is_known_once_the_harness_has_spoken():
    assert shown().needs_login is False, "a foreign client compares with booleans"
    assert shown(activity="needs_login").needs_login is True
    assert shown(activity="idle").needs_login is False


def test_the_last_word_of_a_harness_counts_and_a_limit_ends_with_its_state():
    since = "2026-01-01T00:00:00.000Z"
    limited = {"kind": "state", "state": "rate_limited", "since": since, "until": since}
    status = updated(HarnessStatus(), [limited, {"kind": "model", "model": "opus"}], at=SINCE)
    assert status == HarnessStatus("rate_limited", since, since, "opus")
    assert updated(status, [{"kind": "state", "state": "idle", "since": since}], at=SINCE) == HarnessStatus(
        "idle", since, None, "opus"
    )


@pytest.mark.parametrize(
    "event", [{}, {"kind": "state"}, {"kind": "state", "state": "dancing", "since": "x"}, {"kind": 7}]
)
def test_words_that_are_not_as_agreed_change_nothing(event):
    assert updated(HarnessStatus("idle"), [event], at=SINCE) == HarnessStatus("idle")


def test_the_row_shows_the_mcp_servers_and_what_keeps_a_configuration_from_working():
    dead = {"name": "db", "status": "failed", "error": "ENOENT"}
    said = updated(
        HarnessStatus(), [{"kind": "mcp_servers", "servers": [{"name": "web", "status": "pending"}, dead]}], at=SINCE
    )
    seen = shown(**said.observed())
    assert [one.status for one in seen.mcp_servers] == ["pending", "failed"]
    assert seen.note == "MCP server db is failed: ENOENT", "one that is slow is no trouble yet"
    assert shown().mcp_servers is None
    checked = updated(said, [{"kind": "checked", "sha": "5" * 40, "reason": "the model 'x' is refused"}], at=SINCE)
    assert shown(**checked.observed()).note == "its configuration does not work: the model 'x' is refused"
    assert shown(note="stuck", **checked.observed()).note == "stuck"
    assert updated(said, [{"kind": "mcp_servers", "servers": "none"}], at=SINCE) == said
