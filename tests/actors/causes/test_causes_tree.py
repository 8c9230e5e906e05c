"""A tree of causes is drawn within bounds, whatever the links between its rows are."""

import pytest

from actors.causes.tree import grow
from harness.wire.boundary.causes import CauseKind, CauseName, parse
from harness.wire.errors import HiveError


def name(number):
    return CauseName(CauseKind.MESSAGE, number)


def tree_of(links, limit=100, roots=(1,)):
    return grow(
        [name(one) for one in roots],
        lambda names: {one: [name(n) for n in links.get(one.number, ())] for one in names},
        limit,
    )


def drawn(links, limit=100, roots=(1,)):
    return [
        (place.name.number, place.depth, place.again, place.more) for place in tree_of(links, limit, roots).places()
    ]


def test_rows_stand_before_what_follows_from_them():
    assert drawn({1: [2, 3], 2: [4]}) == [(1, 0, False, 0), (2, 1, False, 0), (4, 2, False, 0), (3, 1, False, 0)]


def test_a_cycle_ends_where_it_is_closed():
    assert drawn({1: [2], 2: [1, 2]}) == [(1, 0, False, 0), (2, 1, False, 0), (1, 2, True, 0), (2, 2, True, 0)]


def test_what_is_reached_twice_is_followed_once():
    rows = drawn({1: [2, 3], 2: [4], 3: [4], 4: [5]})
    assert [row[0] for row in rows].count(5) == 1
    assert (4, 2, True, 0) in rows


def test_the_near_ones_are_in_a_tree_that_is_too_large_and_the_rest_is_counted():
    rows = drawn({1: [2, 3, 4], 2: [5, 6], 3: [7]}, limit=4)
    assert {row[0] for row in rows} == {1, 2, 3, 4, 5}
    assert [(row[0], row[3]) for row in rows if row[3]] == [(2, 1), (3, 1)]


def test_a_chain_of_any_length_is_cut_and_costs_no_stack():
    links = {number: [number + 1] for number in range(1, 10_000)}
    rows = drawn(links, limit=5_000)
    assert len(rows) == 5_001
    assert rows[-1][1:] == (5_000, False, 1)


def test_a_thousand_consequences_of_one_row_are_counted_beyond_the_bound():
    assert drawn({1: list(range(2, 1_002))}, limit=200)[0] == (1, 0, False, 800)


@pytest.mark.parametrize("text", ["message:12", "turn:alice/5", "question:2", "reminder:4", "approval:3"])
def test_a_name_reads_as_it_is_written(text):
    assert str(parse(f" {text} ")) == text


def test_the_managers_turn_has_one_name():
    assert str(parse("turn:hm1nd/5")) == "turn:manager/5"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "message:",
        "message:-1",
        "turn:5",
        "turn:Alice/5",
        "reply:3",
        "message:1 or 1",
        "message:" + "9" * 40,
        "turn:a/1\n; x",
    ],
)
def test_what_names_nothing_is_refused_with_the_forms_that_there_are(text):
    with pytest.raises(HiveError) as refused:
        parse(text)
    assert (refused.value.code, "turn:alice/5" in refused.value.hint) == ("bad_request", True)
