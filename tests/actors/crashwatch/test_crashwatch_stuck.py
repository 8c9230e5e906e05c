"""Who counts as stuck, when to look again, and what is done, as tables."""

import random

import pytest

from actors.agent.container.liveness import Liveness
from actors.crashwatch.stuck import (
    RESTART_INTERVAL_MS,
    Episode,
    StuckAction,
    View,
    is_stuck,
    next_action,
    next_check_ms,
    silent_since,
)

LIMIT = 1000


def view(*, running=True, held=False, alive=0, mail=0, asked=None, parked=False):
    return View("alice", Liveness(running, held, alive), mail, asked, parked)


@pytest.mark.parametrize(
    ("one", "since"),
    [
        (view(), 0),
        (view(alive=5), 5),
        (view(mail=7), 7),
        (view(asked=9), 9),
        (view(alive=5, mail=7, asked=9), 9),
        (view(mail=None), None),
        (view(running=False), None),
        (view(held=True), None),
        (view(parked=True), None),
    ],
)
def test_silence_counts_from_the_last_sign_of_life_or_the_oldest_mail(one, since):
    assert silent_since(one) == since
    assert is_stuck(one, running_ms=(since or 0) + LIMIT, limit_ms=LIMIT) is (since is not None)
    assert not is_stuck(one, running_ms=(since or 0) + LIMIT - 1, limit_ms=LIMIT)


def test_the_next_look_is_never_too_late_whatever_happens_before_it():
    """Nobody can become stuck between two looks, and a look finds whoever became stuck at its very moment."""
    for seed in range(300):
        dice = random.Random(seed)
        now = dice.randrange(10_000)
        views = [
            view(alive=dice.randrange(now + 1), mail=dice.choice([None, dice.randrange(now + 1)])) for _ in range(3)
        ]
        alive = [one for one in views if not is_stuck(one, running_ms=now, limit_ms=LIMIT)]
        then = next_check_ms(views, running_ms=now, limit_ms=LIMIT)
        assert now < then <= now + LIMIT
        # Mail may come to anybody right after the look.
        later = [view(alive=one.liveness.alive_at_ms, mail=one.mail_since or now) for one in alive]
        assert not any(is_stuck(one, running_ms=then - 1, limit_ms=LIMIT) for one in alive)
        assert all(silent_since(one) + LIMIT >= then for one in later if one.mail_since == now)


def test_a_silence_is_told_once_the_first_one_ends_with_a_restart_and_the_next_one_does_not():
    assert next_action(None, since_ms=1, running_ms=10) is StuckAction.RESTART
    first = Episode(1, restarted_ms=10)
    assert next_action(first, since_ms=1, running_ms=99) is StuckAction.NOTHING
    assert next_action(first, since_ms=50, running_ms=99) is StuckAction.REPORT
    assert next_action(first, since_ms=50, running_ms=10 + RESTART_INTERVAL_MS) is StuckAction.RESTART
