"""What speaks against a promise, as tables."""

import pytest

from actors.agent.container.state import AgentState
from actors.agent.snapshot import AgentRecord, AgentSnapshot, Desired, ObservedStatus
from actors.broker.api import Counts
from actors.crashwatch.promises import LONG_MS, WAKE_MS, Agent, logins, lost_wakes, neglected, orphaned_leases
from actors.supervision import ChildState
from harness.wire.times import from_ms

NOW = 1_700_000_000_000
LONG = NOW - WAKE_MS


def agent(
    *, state=AgentState.RUNNING, activity="idle", since=LONG, until=None, mail=LONG, pending=1, leased=0, parked=False,
    asked=None, handed=None, paused=False, desired=Desired.RUNNING, note=None, transient=False, due=False,
):  # fmt: skip
    record = AgentRecord("alice", "agent", desired, 0, paused=paused, start_error=note)
    seen = ObservedStatus(
        state, 0, activity, from_ms(since), None if until is None else from_ms(until), transient=transient
    )
    counts = Counts(pending, leased, mail, asked, parked, handed, waits_since=mail)
    return Agent(AgentSnapshot(record, seen, due=due), counts)


@pytest.mark.parametrize(
    ("facts", "lost"),
    [
        ({}, True),
        ({"leased": 1, "pending": 0}, True),
        ({"leased": 1, "pending": 0, "handed": LONG - 1}, True),
        ({"leased": 1, "pending": 0, "handed": LONG}, False),
        ({"leased": 1, "pending": 1, "handed": LONG}, True),
        ({"mail": None, "pending": 0}, False),
        ({"mail": LONG + 1}, False),
        ({"since": LONG + 1}, False),
        ({"asked": LONG + 1}, False),
        ({"activity": "thinking"}, False),
        ({"paused": True}, False),
        ({"until": NOW + 1}, False),
        ({"until": NOW - 1}, True),
        ({"state": AgentState.STOPPED}, False),
        ({"parked": True, "activity": "thinking"}, True),
        ({"parked": True, "pending": 0, "leased": 1, "activity": "thinking"}, False),
    ],
)
def test_a_wake_is_lost_when_an_idle_agent_has_had_mail_for_two_seconds(facts, lost):
    assert bool(lost_wakes([agent(**facts)], NOW, NOW)) is lost


def test_a_lease_needs_a_container_that_runs_or_is_on_its_way():
    assert orphaned_leases([agent(state=AgentState.STOPPED, leased=2)])
    assert orphaned_leases([agent(state=AgentState.PARKED, leased=2)])
    assert not orphaned_leases([agent(leased=2), agent(state=AgentState.RESTARTING, leased=2)])


UP, DOWN, COMING = ChildState.UP, ChildState.DOWN, ChildState.RESTARTING
FAILED = {"state": AgentState.FAILED, "note": "did not start: no room"}


@pytest.mark.parametrize(
    ("facts", "child", "broken"),
    [
        ({}, UP, False),
        ({}, None, True),
        ({"state": AgentState.STARTING}, UP, False),
        ({"state": AgentState.STARTING}, DOWN, True),
        ({"state": AgentState.STOPPED}, UP, True),
        ({"state": AgentState.STOPPED}, COMING, False),
        ({"state": AgentState.STOPPED}, None, True),
        ({"state": AgentState.STOPPED, "due": True}, None, False),
        ({"state": AgentState.STOPPED, "desired": Desired.STOPPED}, None, False),
        ({"desired": Desired.STOPPED}, UP, True),
        ({"state": AgentState.PARKED, "note": "parked: it crashed"}, DOWN, False),
        ({"state": AgentState.PARKED}, DOWN, True),
        (FAILED, None, False),
        (FAILED | {"transient": True}, None, True),
        (FAILED | {"transient": True, "due": True}, None, False),
        ({"state": AgentState.RATE_LIMITED}, UP, False),
    ],
)
def test_who_is_wanted_has_actors_or_somebody_is_about_to_start_them_or_a_reason(facts, child, broken):
    assert bool(neglected([agent(**facts)], {} if child is None else {"alice": child}, LONG_MS)) is broken


def test_whoever_is_at_work_on_an_agent_for_minutes_hangs():
    starting = agent(state=AgentState.STARTING)
    assert neglected([starting], {"alice": UP}, LONG_MS) == []
    assert neglected([starting], {"alice": UP}, LONG_MS + 1) == ["alice is starting for 300 s and does not get on"]


DAY = 24 * 3600 * 1000


def logged_in(name="alice", *, activity="idle", state=AgentState.RUNNING, needs=False, ends=None, token=None, **more):
    record = AgentRecord(name, "agent", more.get("desired", Desired.RUNNING), 0, needs_login=needs)
    seen = ObservedStatus(state, 0, activity, login_expires_at=None if ends is None else from_ms(NOW + ends))
    return Agent(AgentSnapshot(record, seen, token_ends_ms=None if token is None else NOW + token), None)


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, None),
        ({"activity": "needs_login"}, "alice is not logged in"),
        ({"activity": None, "state": AgentState.PARKED, "needs": True}, "alice is not logged in"),
        ({"needs": True}, None),
        ({"activity": "needs_login", "desired": Desired.STOPPED}, None),
        ({"activity": None, "state": AgentState.STOPPED, "needs": True}, None),
        ({"ends": 2 * DAY}, "alice loses its login at"),
        ({"ends": -1}, "alice loses its login at"),
        ({"ends": 4 * DAY}, None),
        ({"token": 4 * DAY}, None),
        ({"name": "hm1nd", "token": 4 * DAY}, "manager and all others lose their login at"),
        ({"name": "hm1nd", "token": 31 * DAY}, None),
    ],
)
def test_a_login_that_is_missing_or_ends_soon_is_told(facts, told):
    found = logins([logged_in(**facts)], NOW)
    assert len(found) == (told is not None)
    assert all(sentence.startswith(told) for sentence in found)
