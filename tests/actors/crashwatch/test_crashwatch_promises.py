"""What speaks against a promise, as tables."""

import pytest

from actors.agent.standing import Desired, Record, Seen, Standing
from actors.agent.state import AgentState
from actors.broker.api import Counts
from actors.crashwatch.promises import WAKE_MS, Agent, lost_wakes, missing, orphaned_leases
from harness.wire.times import from_ms

NOW = 1_700_000_000_000
LONG = NOW - WAKE_MS


def agent(
    *, state=AgentState.RUNNING, activity="idle", since=LONG, until=None, mail=LONG, pending=1, leased=0, parked=False,
    asked=None, paused=False, desired=Desired.RUNNING, note=None,
):  # fmt: skip
    record = Record("alice", "agent", desired, 0, paused=paused, note=note)
    seen = Seen(state, 0, activity, from_ms(since), None if until is None else from_ms(until))
    return Agent(Standing(record, seen), Counts(pending, leased, mail, asked, parked))


@pytest.mark.parametrize(
    ("facts", "lost"),
    [
        ({}, True),
        ({"leased": 1, "pending": 0}, True),
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
    assert bool(lost_wakes([agent(**facts)], NOW)) is lost


def test_a_lease_needs_a_container_that_runs_or_is_on_its_way():
    assert orphaned_leases([agent(state=AgentState.STOPPED, leased=2)])
    assert orphaned_leases([agent(state=AgentState.PARKED, leased=2)])
    assert not orphaned_leases([agent(leased=2), agent(state=AgentState.RESTARTING, leased=2)])


@pytest.mark.parametrize(
    ("facts", "broken"),
    [
        ({"state": AgentState.STOPPED}, True),
        ({"state": AgentState.STOPPED, "note": "parked: it crashed"}, False),
        ({"state": AgentState.STOPPED, "desired": Desired.STOPPED}, False),
        ({"state": AgentState.STARTING}, False),
        ({}, False),
    ],
)
def test_who_is_wanted_runs_or_has_a_reason(facts, broken):
    assert bool(missing([agent(**facts)], coming=())) is broken
    assert not missing([agent(**facts)], coming={"alice"})
