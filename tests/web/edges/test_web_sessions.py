"""The page of the sessions: which browser, since when, seen when, and how it is logged out."""

import re

import pytest

from tests.web.browserless import Browserless
from web.http.user_agent import named
from web.wsgi import application

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (FIREFOX, "Firefox 134 on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge 131 on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36", "Chrome 131 on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36", "Chrome 131 on Linux"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15", "Safari 17 on macOS"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1", "Safari 17 on iPhone"),
        ("lynx/2.9", "lynx/2.9"), ("<script>", "<script>"), ("", "an unknown browser"), (None, "an unknown browser"), ("(((", "an unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(text, name):
    assert named(text) == name


def other(app, agent):
    """Another browser with a session."""
    browser = Browserless(application(app))
    browser.headers["User-Agent"] = agent
    return browser.log_in()


def test_each_session_says_which_browser_since_when_seen_when_and_until_when(site, app):
    other(app, FIREFOX)
    page = site.get("/sessions").text
    row = re.search(r"<li data-session.*?Firefox 134 on Linux.*?</li>", page, re.DOTALL)[0]
    for fact in ("logged in", "last seen", "ends"):
        assert f"<dt>{fact}</dt><dd><time" in row
    assert FIREFOX in row
    assert page.count("this one") == 1


def test_all_others_are_logged_out_at_once_and_this_browser_stays(site, app, fake):
    others = [other(app, f"lynx/{number}") for number in range(3)]
    answer = site.post("/end-other-sessions")
    assert (answer.status, answer.headers["Location"]) == (303, "/sessions")
    assert len(fake.sessions) == 1
    assert site.get("/").status == 200
    assert [one.get("/").status for one in others] == [303, 303, 303]


def test_with_one_session_there_is_none_to_log_out(site):
    assert "log out all others" not in site.get("/sessions").text
