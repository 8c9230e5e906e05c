"""What chaos draws: reproducible, within what supervisors bear, everything in its turn."""

from collections import Counter
from itertools import islice

from actors.cli.chaos_plan import BUDGETS, Kind, Purse, choose, targets, throws
from tests.actors.cli import rows

TREE = rows.tree().model_dump(mode="json")
AGENTS = {"manager": "hm1nd", "alice": "alice"}


def possible():
    return targets(TREE, web=True, agents=AGENTS, claudes=["alice"])


def test_a_seed_gives_the_same_throws_again():
    assert list(islice(throws(7), 50)) == list(islice(throws(7), 50))
    assert list(islice(throws(7), 50)) != list(islice(throws(8), 50))


def test_everything_can_be_hit_and_containers_are_named_as_the_tree_names_them():
    names = {(one.kind, one.name) for one in possible()}
    assert {kind for kind, _ in names} == set(Kind)
    assert (Kind.ROOM, "agents/hm1nd/container") in names
    assert (Kind.HARNESS, "manager") in names
    assert (Kind.CLAUDE, "manager") not in names


def test_the_root_is_no_target():
    assert "hive" not in {one.name for one in possible()}


def test_no_place_is_hit_more_often_than_its_budget_and_all_kinds_get_their_turn():
    purse, now, hits = Purse(), 0.0, []
    for draw in islice(throws(1), 400):
        now += draw.pause_seconds
        target = choose(draw, possible(), purse, now)
        if target is not None:
            purse.pay(target.place, now)
            hits.append((now, target))
    assert set(Counter(target.kind for _, target in hits)) == set(Kind)
    for place in {target.place for _, target in hits}:
        budget = BUDGETS[place.partition(" ")[0]]
        moments = [at for at, target in hits if target.place == place]
        for at in moments:
            assert sum(at <= other < at + budget.seconds for other in moments) <= budget.times


def test_when_everything_is_spent_a_throw_hits_nothing():
    purse = Purse()
    for one in possible():
        for _ in range(10):
            purse.pay(one.place, 0.0)
    assert choose(next(throws(1)), possible(), purse, 1.0) is None
