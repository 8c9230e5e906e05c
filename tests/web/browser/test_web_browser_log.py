"""The turn log in the browser: it grows at both ends, stays where the reader is, and folds by turns."""

import pytest

from tests.needs import needs
from tests.web import sample_rows
from tests.web.answers.log import end_turn, past_turns

pytestmark = pytest.mark.slow

ROWS = "document.querySelectorAll('#log [data-rows] .row').length"
LIST = "document.querySelector('#log .scroller')"
START = {"kind": "turn_start", "from": "bob", "body": "go", "unread": 0, "message_ids": []}
END = {"kind": "turn_end", "ok": True, "outcome": "ok"}


def events(number):
    return [START, sample_rows.text(f"words {number:03}."), sample_rows.result("no", failed=number % 10 == 0), END]


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


@pytest.fixture
def past(scene):
    fake, browser = scene
    fake.live.clear()
    past_turns(fake, "alice", 200, events)
    return fake, browser


@needs("chromium", "chromedriver")
def test_older_puts_rows_above_without_moving_those_that_are_read(past):
    _, browser = past
    browser.open("/agent/alice/")
    assert browser.js(f"return {ROWS}") == 300
    browser.press("#log [data-log-older] a")
    browser.until(f"{ROWS} === 600")
    browser.press("#log [data-log-older] a")
    browser.until(f"{ROWS} === 800")
    assert not browser.find("#log [data-log-older]").is_displayed()
    shown = browser.js("return [...document.querySelectorAll('#log .row')].map((row) => Number(row.dataset.id))")
    assert shown == list(range(1, 801))
    assert browser.js("return document.querySelectorAll('#log .turn').length") == 200


@needs("chromium", "chromedriver")
def test_new_rows_do_not_move_a_reader_who_has_scrolled_up_and_are_counted(past):
    fake, browser = past
    browser.open("/agent/alice/")
    at_bottom = f"{LIST}.scrollHeight - {LIST}.scrollTop - {LIST}.clientHeight < 48"
    assert browser.js(f"return {at_bottom}")
    fake.happen("alice", START)
    browser.until(f"{ROWS} === 301 && {at_bottom}")
    browser.js(f"{LIST}.scrollTop = 2000")
    seen = browser.js("const box = arguments[0].getBoundingClientRect(); return document.elementFromPoint(box.x + 200, box.y + 60).innerText", browser.find("#log .scroller"))  # fmt: skip
    for number in range(3):
        fake.happen("alice", sample_rows.text(f"new {number}"))
    browser.until("document.querySelector('#log [data-pill]').innerText.includes('3 new')")
    assert browser.js(f"return {LIST}.scrollTop") == 2000
    assert seen == browser.js("const box = arguments[0].getBoundingClientRect(); return document.elementFromPoint(box.x + 200, box.y + 60).innerText", browser.find("#log .scroller"))  # fmt: skip
    browser.press("#log [data-pill]")
    browser.until(f"{at_bottom} && document.querySelector('#log [data-pill]').hidden")


@needs("chromium", "chromedriver")
def test_the_head_of_a_turn_that_runs_gets_its_figures_when_it_ends(past):
    fake, browser = past
    browser.open("/agent/alice/")
    row = fake.happen("alice", START)
    head = f"document.querySelector('#turn-{row['id']} .turn-head').innerText"
    browser.until(f"{head}.includes('runs')")
    fake.happen("alice", sample_rows.call("Bash", command="ls"))
    fake.happen("alice", END)
    end_turn(fake, "alice", row["id"])
    browser.until(f"{head}.includes('12 s') && {head}.includes('$0.25') && {head}.includes('ok')")
    assert browser.js(f"return document.querySelectorAll('#turn-{row['id']} .row').length") == 3
    fake.happen("alice", {"kind": "note", "text": "between"})
    browser.until("document.querySelector('#log [data-rows] > .row')")
    browser.press(f"#turn-{row['id']} > details > summary")
    browser.until(f"!document.querySelector('#turn-{row['id']} details').open")


@needs("chromium", "chromedriver")
def test_filter_and_time_stand_in_the_address_and_back_undoes_them(past):
    _, browser = past
    browser.open("/agent/alice/")
    browser.press("#log .log-views a:nth-of-type(2)")
    browser.until("location.search === '?only=errors' && document.querySelectorAll('#log .row').length === 20")
    browser.press("#log .log-jump a:nth-of-type(1)")
    browser.until("new URLSearchParams(location.search).get('at') === '1h' && document.querySelectorAll('#log .row').length === 6")  # fmt: skip
    assert browser.js(f"return {LIST}.scrollTop") == 0
    browser.driver.back()
    browser.until("location.search === '?only=errors' && document.querySelectorAll('#log .row').length === 20")
    browser.driver.back()
    browser.until(f"location.search === '' && {ROWS} === 300")


@needs("chromium", "chromedriver")
def test_a_filtered_log_grows_by_what_it_shows(past):
    fake, browser = past
    browser.open("/agent/alice/?only=errors")
    fake.happen("alice", START)
    fake.happen("alice", sample_rows.text("not an error"))
    fake.happen("alice", {"kind": "note", "class": "stderr", "text": "an error"})
    browser.until("document.querySelector('#log').innerText.includes('an error')")
    assert "not an error" not in browser.text("#log")


@needs("chromium", "chromedriver")
def test_a_page_of_the_past_stays_and_leads_back_to_now(past):
    fake, browser = past
    browser.open("/agent/alice/?at=3h")
    before = browser.js(f"return {ROWS}")
    fake.happen("alice", START)
    fake.happen("bob", sample_rows.text("to have a moment pass"))
    browser.press("#log [data-log-newer] a")
    browser.until(f"{ROWS} > {before}")
    browser.press("#log [data-now]")
    browser.until(f"location.search === '' && {ROWS} === 300 && {LIST}.scrollTop > 0")
