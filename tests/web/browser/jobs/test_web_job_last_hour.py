"""A job of the operator: what did this agent do in the last hour? A click and a key are one action, typing is none."""

import pytest
from selenium.webdriver import Keys

from tests.needs import needs
from tests.web import sample_rows
from tests.web.answers.log import past_turns
from tests.web.browser.jobs.actions import Operator

pytestmark = pytest.mark.slow

START = {"kind": "turn_start", "from": "bob", "body": "go", "unread": 0, "message_ids": []}
END = {"kind": "turn_end", "ok": True, "outcome": "ok"}
SEEN = "[...document.querySelectorAll('#log .row-say')].map((row) => row.innerText.match(/words (\\d+)/)[1])"


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


def events(number):
    return [START, sample_rows.text(f"words {number}"), sample_rows.result("no", failed=number % 10 == 0), END]


@pytest.fixture
def busy(scene):
    """alice has had a turn every two minutes for four hours."""
    fake, browser = scene
    fake.live.clear()
    past_turns(fake, "alice", 120, events, every_ms=120_000)
    browser.open("/")
    return fake, browser, Operator(browser)


@needs("chromium", "chromedriver")
def test_the_last_hour_of_an_agent_is_two_actions_away_from_the_dashboard(busy):
    _, browser, operator = busy
    operator.click("#agent-alice a[href='/agent/alice/']")
    browser.until("document.querySelector('#log')")
    operator.click("#log .log-jump a[title='1 hour ago']")
    browser.until("location.search === '?at=1h' && document.querySelectorAll('#log .turn').length === 30")
    assert operator.actions == 2
    assert browser.js(f"return {SEEN}") == [str(number) for number in range(90, 120)]
    first = browser.find("#log .turn-head")
    assert first.is_displayed()
    for words in ("woken by", "manager", "20 s", "3k tokens", "$0.01"):
        assert words in first.text


@needs("chromium", "chromedriver")
def test_only_the_errors_of_the_last_hour_are_one_action_more(busy):
    _, browser, operator = busy
    operator.click("#agent-alice a[href='/agent/alice/']")
    browser.until("document.querySelector('#log')")
    operator.click("#log .log-jump a[title='1 hour ago']")
    browser.until("document.querySelectorAll('#log .turn').length === 30")
    operator.click("#log .log-views a:nth-of-type(2)")
    browser.until("document.querySelectorAll('#log .row-failed').length === 3")
    assert operator.actions == 3
    assert browser.js("return location.search") == "?at=1h&only=errors"


@needs("chromium", "chromedriver")
def test_any_second_of_the_past_can_be_typed(busy):
    fake, browser, operator = busy
    operator.click("#agent-alice a[href='/agent/alice/']")
    browser.until("document.querySelector('#log input[name=at]')")
    began = fake.turns[-60].stats["started_at"]
    operator.click("#log input[name=at]")
    local = browser.js("const at = new Date(arguments[0]); const two = (n) => String(n).padStart(2, '0'); return [two(at.getMonth() + 1) + two(at.getDate()) + at.getFullYear(), at.getHours() % 12 || 12, two(at.getMinutes()), two(at.getSeconds()), at.getHours() < 12 ? 'A' : 'P']", began)  # fmt: skip
    date, hour, minute, second, half = local
    operator.type(date)
    operator.key(Keys.TAB)
    operator.type(f"{hour:02}{minute}{second}{half}")
    operator.enter()
    browser.until("new URLSearchParams(location.search).get('at')?.endsWith('Z')")
    browser.until(f"{SEEN}[0] === '60'")
    assert operator.actions == 4


@needs("chromium", "chromedriver")
def test_without_scripts_it_is_as_near_and_turns_fold(busy):
    _, browser, _ = busy
    browser.scripts(on=False)
    try:
        browser.find("#agent-alice a[href='/agent/alice/']").click()
        browser.find("#log .log-jump a[title='1 hour ago']").click()
        browser.until_text("#log", lambda text: "words 90" in text and "words 119" in text and "words 89" not in text)
        browser.find("#log .turn-head").click()
        browser.until_text("#log", lambda text: "words 90" not in text)
    finally:
        browser.scripts(on=True)
