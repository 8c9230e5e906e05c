"""Colours, headings and times are the reader's choice, kept in the browser's cookies."""

import re

import pytest

from web.http import preferences
from web.http.preferences import CHOICES, Preferences
from web.presentation import formats


def html_tag(page):
    return re.search(r"<html[^>]*>", page.text)[0]


@pytest.mark.parametrize(
    ("cookies", "read"),
    [
        ({}, Preferences("auto", "decorated", "relative")),
        ({"hive_theme": "light", "hive_times": "absolute"}, Preferences("light", "decorated", "absolute")),
        ({"hive_theme": "<b>", "hive_words": "", "hive_times": "x" * 9999}, Preferences()),
        ({"hive_theme": "mocha"}, Preferences("dark", "decorated", "relative")),
        ({"hive_theme": "plain"}, Preferences("light", "plain", "relative")),
        ({"hive_theme": "plain", "hive_words": "decorated"}, Preferences("light", "decorated", "relative")),
    ],
)
def test_a_browser_that_chose_nothing_or_nonsense_gets_the_defaults_and_former_themes_keep_their_look(cookies, read):
    assert preferences.read(lambda name: cookies.get(name, "")) == read


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in CHOICES.items() for value in values])
def test_every_choice_is_kept_by_the_browser_and_shown_on_every_kind_of_page(site, name, value):
    answer = site.post(
        "/preferences", {name: value}, headers={"Referer": "http://hive-of-the-tests.localhost:7000/stats"}
    )
    assert answer.headers["Location"] == "/stats"
    for path in ("/", "/nowhere", "/keys"):
        assert f'data-{name}="{value}"' in html_tag(site.get(path))
    site.post("/logout")
    assert f'data-{name}="{value}"' in html_tag(site.get("/login"))


def test_one_choice_leaves_the_others_as_they_are(site):
    site.post("/preferences", {"words": "plain", "times": "absolute"})
    site.post("/preferences", {"theme": "light"})
    assert html_tag(site.get("/")).endswith('data-theme="light" data-words="plain" data-times="absolute">')


def test_a_former_theme_is_replaced_by_the_first_choice(site):
    site.cookies["hive_theme"] = "plain"
    assert 'data-theme="light" data-words="plain"' in html_tag(site.get("/"))
    site.post("/preferences", {"words": "decorated"})
    assert 'data-theme="light" data-words="decorated"' in html_tag(site.get("/"))


def test_a_value_that_does_not_exist_is_refused_and_says_which_do(site):
    answer = site.post("/preferences", {"theme": "pink"})
    assert answer.status == 400
    assert "theme is one of auto, dark, light" in answer.text


def test_the_menu_says_which_choice_is_in_force(site):
    site.post("/preferences", {"theme": "light"})
    page = site.get("/").text
    assert re.findall(r'name="theme" value="(\w+)" aria-pressed="true"', page) == ["light"]
    assert re.findall(r'name="times" value="(\w+)" aria-pressed="true"', page) == ["relative"]


def test_a_moment_is_written_to_the_second_and_says_its_zone():
    assert formats.absolute("2026-03-31T14:03:22.123Z") == "2026-03-31 14:03:22 UTC"
    assert formats.absolute(1_774_965_802_000) == "2026-03-31 14:03:22 UTC"
    assert formats.absolute(None) == "—"


def test_every_time_of_a_page_names_its_moment_for_programs_and_in_words(site):
    for path in ("/", "/agent/alice/", "/sessions", "/approval/4/", "/search?q=status"):
        times = re.findall(r"<time ([^>]*)>", site.get(path).text)
        for attributes in times:
            assert re.search(r'datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z"', attributes), (path, attributes)
            if re.search(r"data-(age|due|clock|countdown)", attributes):
                assert re.search(r'title="\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"', attributes), (path, attributes)
