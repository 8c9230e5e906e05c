"""The table of agents: filter, order, groups and pages are decided by the server, and its counts are of everything."""

import re

import pytest

from harness.wire.operator_rows import AgentRow
from web.presentation.agent_table import COLUMNS, PAGE_ROWS, View, arrange


def agent(name, **more):
    return AgentRow(name=name, **({"running": True, "state": "idle"} | more))


ROWS = [
    agent("manager", role="manager", state="thinking", active_model="opus", cost_today_usd=1.0),
    agent("alice", pending=2, active_model="haiku", status_text="drafts the PAGE", cost_today_usd=0.5),
    agent("bob", pending=None, state="stuck"),
    agent("carol", running=False, failed=True, state="parked", note="given up", pending=1),
    agent("dave", state="rate_limited", active_model="haiku"),
]


def shown(rows=ROWS, **view):
    return [row.name for group in arrange(rows, View(**view)).groups for row in group.rows]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["manager", "alice", "bob", "carol", "dave"]),
        ("ali", ["alice"]),
        ("hm1nd", ["manager"]),
        ("page", ["alice"]),
        ("given", ["carol"]),
        ("haiku", ["alice", "dave"]),
        ("model:haiku a", ["alice", "dave"]),
        ("model:haiku ali", ["alice"]),
        ("state:rate-limited", ["dave"]),
        ("state:stuck", ["bob"]),
        ("name:d", ["manager", "dave"]),
        ("nobody:knows", []),
    ],
)
def test_every_word_of_the_filter_has_to_match(words, names):
    assert shown(filter=words) == names


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("name", ["manager", "alice", "bob", "carol", "dave"]),
        ("-name", ["dave", "carol", "bob", "alice", "manager"]),
        ("queue", ["alice", "carol", "manager", "bob", "dave"]),
        ("-queue", ["carol", "alice", "manager", "bob", "dave"]),
        ("cost", ["manager", "alice", "bob", "carol", "dave"]),
        ("state", ["carol", "bob", "manager", "dave", "alice"]),
        ("nonsense", ["manager", "alice", "bob", "carol", "dave"]),
    ],
)
def test_the_highest_comes_first_and_the_unknown_last_in_either_direction(sort, names):
    assert shown(sort=sort) == names


def test_groups_stand_by_urgency_and_count_what_other_pages_have_too():
    many = [agent(f"a{n:03}") for n in range(PAGE_ROWS + 20)]
    table = arrange([*many, *ROWS], View(group="state"))
    assert [(group.key, group.count, len(group.rows)) for group in table.groups] == [
        ("parked", 1, 1),
        ("stuck", 1, 1),
        ("thinking", 1, 1),
        ("rate-limited", 1, 1),
        ("idle", PAGE_ROWS + 21, PAGE_ROWS - 4),
    ]
    rest = arrange([*many, *ROWS], View(group="state", page=2))
    assert [(group.key, group.count, len(group.rows)) for group in rest.groups] == [("idle", PAGE_ROWS + 21, 25)]


def test_pages_have_all_rows_once_and_a_page_beyond_the_last_is_the_last():
    many = [agent(f"a{n:03}") for n in range(2 * PAGE_ROWS + 1)]
    pages = [arrange(many, View(page=page)) for page in (1, 2, 3, 9)]
    assert [(table.first, table.last, table.page, table.pages) for table in pages] == [
        (1, 100, 1, 3),
        (101, 200, 2, 3),
        (201, 201, 3, 3),
        (201, 201, 3, 3),
    ]
    assert [name for page in (1, 2, 3) for name in shown(many, page=page)] == [row.name for row in many]
    empty = arrange(many, View(filter="nothing", page=2))
    assert (empty.matching, empty.first, empty.last, empty.pages) == (0, 0, 0, 1)


@pytest.fixture
def many(fake):
    fake.agents |= {f"a{n:04}": agent(f"a{n:04}") for n in range(1_000)}


def rows_of(page):
    return re.findall(r'<tr role="row" id="agent-([^"]+)"', page)


@pytest.mark.usefixtures("many")
def test_a_page_says_which_part_of_the_hive_it_shows(site):
    page = site.get("/section/containers?page=2").text
    assert len(rows_of(page)) == 100
    assert "101–200 of 1,006 agents" in page
    assert "page 2 of 11" in page
    filtered = site.get("/section/containers?filter=a0007").text
    assert rows_of(filtered) == ["a0007"]
    assert re.search(r"1 of 1,006\s+agents", filtered)
    assert "none of 1006 agents matches" in site.get("/section/containers?filter=%3Cb%3Ezzz").text


@pytest.mark.usefixtures("many")
def test_the_rows_of_some_agents_come_with_the_places_of_all_on_the_page(site):
    answer = site.get("/section/containers/rows?page=2&agents=a0100,a0999,alice", headers={"HX-Request": "true"})
    assert rows_of(answer.text) == ["a0100"]
    members = re.search(r'data-members="([^"]*)"', answer.text)[1].split()
    assert (members[0], members[-1], len(members)) == ("a0099", "a0198", 100)
    assert len(answer.text) < 12_000


def test_every_column_can_be_left_out_and_the_others_stay(site):
    whole = site.get("/section/containers").text
    for key in COLUMNS:
        page = site.get(f"/section/containers?columns={','.join(one for one in COLUMNS if one != key)}").text
        heads = len(re.findall(r"<th role=\"columnheader\"", page))
        assert heads == len(re.findall(r"<th role=\"columnheader\"", whole)) - 1
        first = page[page.index("<tbody") : page.index("</tr>", page.index("<tbody"))]
        assert first.count('role="cell"') + 1 == heads, key
    assert "columnheader" in site.get("/section/containers?columns=-").text


def test_the_links_of_the_table_keep_the_views_of_other_sections(site):
    page = site.get("/?show=system&sort=cost&filter=a").text
    assert "/?show=system&amp;filter=a&amp;sort=-cost#containers" in page
    assert '<input type="hidden" name="show" value="system">' in page
    fragment = site.get(
        "/section/containers?sort=cost",
        headers={"HX-Request": "true", "Referer": f"http://{site.headers['Host']}/?show=system&sort=name"},
    ).text
    assert "/?show=system&amp;sort=queue#containers" in fragment
