"""Which faults are drawn: reproducible, within the restart intensities, every kind in its turn."""

from collections import Counter
from itertools import islice

from actors.cli.chaos.plan import BUDGETS, Kind, Possible, Spending, choose, draws, targets
from tests.actors.cli import rows

TREE = rows.tree().model_dump(mode="json")
AGENTS = {"manager": "hm1nd", "alice": "alice"}


def possible():
    there = Possible(agents=AGENTS, claudes=["alice"], web=True, proxy=True, clock=True, daemon=True)
    return targets(TREE, there)


def test_a_seed_gives_the_same_draws_again():
    assert list(islice(draws(7), 50)) == list(islice(draws(7), 50))
    assert list(islice(draws(7), 50)) != list(islice(draws(8), 50))


def test_everything_can_be_a_target_and_containers_are_named_as_the_tree_names_them():
    names = {(one.kind, one.name) for one in possible()}
    assert {kind for kind, _ in names} == set(Kind)
    assert (Kind.ACTOR, "agents/hm1nd/container") in names
    assert (Kind.HARNESS, "manager") in names
    assert (Kind.CLAUDE, "manager") not in names


def test_the_daemon_is_killed_and_the_clock_moved_only_where_that_can_be_mended():
    kinds = {one.kind for one in targets(TREE, Possible(agents=AGENTS))}
    assert not kinds & {Kind.DAEMON, Kind.CLOCK, Kind.PROXY, Kind.WEB}
    hung = {one.name for one in possible() if one.kind is Kind.WEDGE}
    assert hung == {"harness manager", "harness alice", "claude alice", "web", "proxy", "daemon"}


def test_the_root_is_no_target():
    assert "hive" not in {one.name for one in possible()}


def test_no_place_is_hit_more_often_than_its_budget_and_all_kinds_get_their_turn():
    spending, now, hits = Spending(), 0.0, []
    for draw in islice(draws(1), 400):
        now += draw.pause_seconds
        target = choose(draw, possible(), spending, now)
        if target is not None:
            spending.charge(target.place, now)
            hits.append((now, target))
    assert set(Counter(target.kind for _, target in hits)) == set(Kind)
    for place in {target.place for _, target in hits}:
        budget = BUDGETS[place.partition(" ")[0]]
        moments = [at for at, target in hits if target.place == place]
        for at in moments:
            assert sum(at <= other < at + budget.seconds for other in moments) <= budget.times


def test_when_everything_is_spent_a_draw_injects_nothing():
    spending = Spending()
    for one in possible():
        for _ in range(10):
            spending.charge(one.place, 0.0)
    assert choose(next(draws(1)), possible(), spending, 1.0) is None
