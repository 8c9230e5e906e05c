"""Jobs: a whole conversation, what caused something, what it caused, an old message by a word. Each in a few actions."""

import pytest

from tests.needs import needs
from tests.web.browser.jobs.actions import Operator

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


@pytest.fixture
def dashboard(scene):
    """(fake daemon, browser on the dashboard, operator)."""
    fake, browser = scene
    browser.open("/")
    return fake, browser, Operator(browser)


def shown(browser):
    return browser.js("return [...document.querySelectorAll('[data-cause]')].map((row) => row.dataset.cause)")


def at(browser, path):
    browser.until("location.pathname === arguments[0] && document.readyState === 'complete'", path)


@needs("chromium", "chromedriver")
def test_the_whole_thread_of_a_reply_is_one_action_away(dashboard):
    _, browser, operator = dashboard
    operator.click("#m4 .reply-to")
    at(browser, "/thread/4")
    said = browser.js("return [...document.querySelectorAll('.said')].map((one) => one.id)")
    assert said == ["m2", "m4"]
    assert "2 turns of 2 agents cost $0.31" in browser.text(".cost")
    assert operator.actions == 1


@needs("chromium", "chromedriver")
def test_what_caused_a_message_and_what_it_caused_are_one_action_away_each(dashboard):
    _, browser, operator = dashboard
    operator.click("#m8 .cause-ref")
    at(browser, "/why/message/8")
    assert {"turn:manager/2", "turn:alice/1", "message:1"} <= set(shown(browser))
    assert "the operator did it" in browser.text(".causes")
    operator.click("[data-cause='message:1'] .cause-link[href^='/effects/']")
    at(browser, "/effects/message/1")
    assert "4 turns of 3 agents cost $0.62" in browser.text(".cost")
    assert operator.actions == 2


@needs("chromium", "chromedriver")
def test_an_old_message_is_found_by_a_word_from_anywhere(dashboard):
    fake, browser, operator = dashboard
    now, fake.now_ms = fake.now_ms, lambda: now() - 7 * 24 * 3_600_000
    old = fake.say("alice", "bob", "the pelican has landed")
    fake.now_ms = now
    browser.open("/")
    operator.click(".search input")
    operator.type("pelican")
    operator.enter()
    at(browser, "/search")
    assert browser.text(".hit mark") == "pelican"
    operator.click(".hit-head a")
    at(browser, f"/thread/{old.id}")
    assert browser.js("return document.querySelector(':target').innerText").endswith("the pelican has landed")
    assert operator.actions == 3


@needs("chromium", "chromedriver")
def test_a_reply_names_the_message_that_it_answers_until_it_is_sent(dashboard):
    fake, browser, operator = dashboard
    browser.open("/?inbox=all")
    mail = fake.messages[-1]
    operator.click(f"#mail-{mail.id} [data-reply-to]")
    browser.until("!document.querySelector('[data-replying]').hidden")
    assert browser.text("[data-replying-to]") == f"#{mail.id}"
    operator.type("yes, go on")
    operator.enter()
    browser.until("document.querySelector('#compose textarea').value === ''")
    assert (fake.messages[-1].body, fake.messages[-1].in_reply_to) == ("yes, go on", mail.id)
    assert browser.js("return document.querySelector('[data-replying]').hidden")
    assert operator.actions == 2


@needs("chromium", "chromedriver")
def test_a_reply_that_is_taken_back_is_a_message_again(dashboard):
    fake, browser, operator = dashboard
    browser.open("/?inbox=all")
    operator.click(f"#mail-{fake.messages[-1].id} [data-reply-to]")
    operator.click("[data-no-reply]")
    operator.type("on another matter")
    operator.enter()
    browser.until("document.querySelector('#compose textarea').value === ''")
    assert (fake.messages[-1].body, fake.messages[-1].in_reply_to) == ("on another matter", None)


@needs("chromium", "chromedriver")
def test_a_conversation_is_answered_where_it_stands(dashboard):
    fake, browser, operator = dashboard
    browser.open("/thread/4")
    operator.click(".thread-reply textarea")
    operator.type("well done")
    operator.enter()
    browser.until("document.querySelector('.thread-reply textarea').value === ''")
    assert (fake.messages[-1].to, fake.messages[-1].in_reply_to) == ("alice", 4)


@needs("chromium", "chromedriver")
def test_a_reply_by_key_to_what_needs_the_operator_names_the_newest_mail(dashboard):
    fake, browser, operator = dashboard
    mail = fake.messages[-1]
    operator.click("[data-need^='mail']")
    browser.until("document.querySelector('#need a[data-reply-to], a[data-reply][data-reply-to]')")
    operator.key("r")
    operator.type("do it")
    operator.enter()
    browser.until("document.querySelector('#compose textarea').value === ''")
    assert (fake.messages[-1].body, fake.messages[-1].in_reply_to) == ("do it", mail.id)
    assert operator.actions == 3
