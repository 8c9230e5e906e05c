"""The written transition table and what the end of a container means in each state."""

import itertools

import pytest

from actors.agent.container.state import (
    TRANSIENT,
    TRANSITIONS,
    AgentState,
    IllegalTransition,
    Lifecycle,
    advance,
    is_end_expected,
)

S = AgentState


def test_every_state_is_in_the_table():
    assert set(TRANSITIONS) == set(AgentState)


@pytest.mark.parametrize(("old", "new"), list(itertools.product(S, S)))
def test_a_step_is_taken_exactly_when_the_table_has_it(old, new):
    if new is old or new in TRANSITIONS[old]:
        assert advance(old, new) is new
    else:
        with pytest.raises(IllegalTransition, match=f"from {old.value} to {new.value}"):
            advance(old, new)


@pytest.mark.parametrize("state", sorted(TRANSIENT))
def test_a_transient_state_can_always_fail(state):
    assert S.FAILED in TRANSITIONS[state]


@pytest.mark.parametrize("state", sorted(set(S) - {S.DESTROYED}))
def test_every_agent_can_be_brought_back_to_running(state):
    reached, ahead = {state}, [state]
    while ahead:
        for following in TRANSITIONS[ahead.pop()] - reached:
            reached.add(following)
            ahead.append(following)
    assert S.RUNNING in reached


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (S.RUNNING, False),
        (S.STARTING, False),
        (S.SPAWNING, False),
        (S.STOPPING, True),
        (S.RESTARTING, True),
        (S.REBUILDING, True),
        (S.DESTROYING, True),
        (S.STOPPED, True),
    ],
)
def test_whether_an_end_was_expected_follows_from_the_state(state, expected):
    assert is_end_expected(state) is expected


def test_a_failed_action_leaves_failed_behind_not_its_transient_state():
    life = Lifecycle(S.STOPPED, lambda: 7)
    with pytest.raises(RuntimeError), life.during(S.STARTING):
        assert life.state is S.STARTING
        raise RuntimeError
    assert life.state is S.FAILED


def test_an_action_that_was_cut_off_leaves_failed_behind_too():
    life = Lifecycle(S.STOPPED, lambda: 7)
    with pytest.raises(GeneratorExit), life.during(S.STARTING):
        raise GeneratorExit
    assert life.state is S.FAILED


def test_an_action_that_reached_its_goal_keeps_it_even_if_it_fails_afterwards():
    life = Lifecycle(S.STOPPED, lambda: 7)
    with pytest.raises(RuntimeError), life.during(S.STARTING):
        life.to(S.RUNNING)
        raise RuntimeError
    assert life.state is S.RUNNING


def test_since_moves_with_the_state_and_stays_with_it():
    now = iter([1, 2, 3])
    life = Lifecycle(S.STOPPED, lambda: next(now))
    life.to(S.STARTING)
    life.to(S.STARTING)
    assert life.since_ms == 2
