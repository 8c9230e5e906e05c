"""The page of the search asks the daemon, and says what it was told."""

import re

import pytest


def find(site, query):
    return site.get(f"/search?q={query}").text


def words_of(page):
    return " ".join(re.sub(r"<[^>]*>", "", page).split())


def test_hits_are_the_daemons_with_the_hit_marked(site, fake):
    fake.say("alice", "bob", "long ago: the Pelican <b>landed</b>")
    page = find(site, "pelican")
    assert fake.asked[-1]["cmd"] == "search" or {"search"} <= {one["cmd"] for one in fake.asked}
    assert "<mark>Pelican</mark> &lt;b&gt;landed" in page
    assert "1 hit, the newest first" in words_of(page)
    assert f'href="/thread/{fake.messages[-1].id}#m{fake.messages[-1].id}"' in page


def test_a_page_leads_to_older_hits(site, fake):
    for number in range(3):
        fake.say("alice", "bob", f"pelican {number}")
    first = find(site, "pelican")
    assert "3 hits" in words_of(first)
    (older,) = re.findall(r'href="(/search\?[^"]*before=[^"]*)"', first)
    second = site.get(older.replace("&amp;", "&")).text
    assert "<mark>pelican</mark> 0" in second
    assert "older" not in words_of(second)


def test_more_hits_than_are_counted_and_rows_that_are_missing_are_said(site):
    page = words_of(find(site, "manyhits"))
    assert "more than 1,000 hits" in page
    assert "7 rows are not in the index yet" in page


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("xyzzy", "nothing matches"),
        ("form:alice", "form: is no filter"),
        ("x" * 1_001, "at most 1000 characters"),
        ("", "narrow with"),
        ("ok&before=nowhere", "cannot be searched for"),
    ],
)
def test_no_hit_a_refusal_and_no_query_look_different(site, query, says):
    assert says in words_of(find(site, query))


def test_the_search_box_of_the_dashboard_asks_the_daemon(site):
    (box,) = re.findall(r'<form class="search".*?</form>', site.get("/").text, re.DOTALL)
    assert 'action="/search"' in box
    assert 'name="q"' in box
