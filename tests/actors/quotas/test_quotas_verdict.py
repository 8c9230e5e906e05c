"""What follows from a measurement: told at 80 %, paused at 100 %, resumed below 80 %, one turn for whom a person lets go."""

import pytest

from actors.quotas.usage import MAX_ENTRIES, Usage
from actors.quotas.verdict import BLURRED_TURNS, REASON, Action, Level, Seen, verdict, why

LIMIT = 1000
FINE, HIGH, OVER = Usage(799), Usage(800), Usage(1000)
OURS = why(OVER, LIMIT, "alice")


def do(before, usage, *, reason=None, paused=False, turn_ended=False):
    return verdict(Seen(before), usage, LIMIT, paused=paused, reason=reason, turn_ended=turn_ended)[0]


@pytest.mark.parametrize(
    ("before", "usage", "action"),
    [
        (Level.FINE, FINE, Action.NOTHING), (Level.FINE, HIGH, Action.WARN), (Level.HIGH, HIGH, Action.NOTHING),
        (Level.HIGH, OVER, Action.PAUSE), (Level.FINE, OVER, Action.PAUSE), (Level.OVER, HIGH, Action.NOTHING),
        (Level.HIGH, FINE, Action.NOTHING),
    ],
)  # fmt: skip
def test_each_level_is_told_once_on_the_way_up(before, usage, action):
    assert do(before, usage) is action


def test_who_is_let_go_above_its_limit_has_one_turn():
    assert do(Level.OVER, OVER) is Action.NOTHING
    assert do(Level.OVER, OVER, turn_ended=True) is Action.PAUSE


def test_its_own_pause_ends_below_the_warning_and_a_persons_never():
    assert do(Level.OVER, FINE, paused=True, reason=OURS) is Action.RESUME
    assert do(Level.OVER, HIGH, paused=True, reason=OURS) is Action.NOTHING
    assert do(Level.OVER, FINE, paused=True) is Action.NOTHING
    assert do(Level.OVER, Usage(0, complete=False), paused=True, reason=OURS) is Action.NOTHING


def test_too_many_files_are_too_much_whatever_they_take():
    assert do(Level.FINE, Usage(10, MAX_ENTRIES, complete=False)) is Action.PAUSE


def test_whose_folders_never_hold_still_is_held():
    seen, actions = Seen(), []
    for _ in range(BLURRED_TURNS):
        action, seen = verdict(seen, Usage(10, 5, complete=False), LIMIT, paused=False, reason=None, turn_ended=True)
        actions.append(action)
    assert actions == [Action.NOTHING] * (BLURRED_TURNS - 1) + [Action.PAUSE]


def test_measurements_within_a_turn_may_be_incomplete():
    seen = Seen()
    for _ in range(10):
        action, seen = verdict(seen, Usage(10, 5, complete=False), LIMIT, paused=False, reason=None, turn_ended=False)
        assert action is Action.NOTHING


@pytest.mark.parametrize("usage", [OVER, Usage(1, MAX_ENTRIES), Usage(1, 1, complete=False)])
def test_the_reason_says_what_to_do(usage):
    said = why(usage, LIMIT, "alice")
    assert said.startswith(REASON)
    assert "hive resume alice" in said
    assert "limits.disk" in said
