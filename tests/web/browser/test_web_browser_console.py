"""The operator's console in a real browser: nothing covers a control, and what fails says so."""

import pytest

from tests.needs import needs
from tests.web.browser.controls import COVERED

pytestmark = pytest.mark.slow

PAGES = ("/", "/agent/carol/", "/approval/4/", "/actors", "/stats", "/decisions", "/sessions")
DENY = "#need-approval-4 details[data-action=deny]"


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


def three_notices(fake):
    for name in ("one", "two", "three"):
        fake.emit("notice", {"level": "error", "text": f"number {name} is a long sentence about the hive " * 4})


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("width", [1400, 1024, 390])
def test_no_control_of_any_page_is_covered_while_there_are_notices(scene, width):
    fake, browser = scene
    browser.size(width)
    browser.open("/")
    three_notices(fake)
    browser.until("document.querySelector('[data-notice-count]')?.dataset.noticeCount === '3'")
    for path in PAGES:
        browser.open(path)
        assert browser.js("return document.querySelectorAll('header.top button, main button, main a').length") > 0, path
        assert browser.js(COVERED, "main, header.top") == [], path
    browser.open("/")
    browser.press(f"{DENY} > summary")
    assert browser.js(COVERED, DENY) == []
    browser.press("#need-approval-4 [data-action=approve] button")
    browser.until("!document.querySelector('#need-approval-4')")


@needs("chromium", "chromedriver")
def test_the_drawer_shows_all_notices_inside_the_page_and_repeats_no_action_item(scene):
    fake, browser = scene
    browser.size(390)
    browser.open("/")
    note = fake.agents["carol"].note
    fake.emit("notice", {"level": "error", "agent": "carol", "text": f"carol is parked: {note}"})
    three_notices(fake)
    browser.until("document.querySelector('[data-notice-count]')?.dataset.noticeCount === '3'")
    browser.find("#bell > summary").click()
    assert note not in browser.text("#notices")
    assert note in browser.text("#needs")
    box = browser.js("const b = document.querySelector('.drawer').getBoundingClientRect(); return [b.left, b.right]")
    assert 0 <= box[0] < box[1] <= 390
    assert browser.js(COVERED, ".drawer") == []
    browser.find(".drawer .notice button").click()
    browser.until("!document.querySelector('.notice')")
    assert browser.js("return document.querySelector('#bell').open")


@needs("chromium", "chromedriver")
def test_an_address_that_does_not_exist_is_a_page_with_a_way_back(scene):
    _, browser = scene
    browser.open("/nope", live=False)
    assert "there is no such page" in browser.text("h1")
    browser.find("main a[href='/']").click()
    browser.until("document.querySelector('#needs')")
    browser.driver.get_log("browser")
