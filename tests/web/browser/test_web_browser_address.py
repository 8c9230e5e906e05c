"""The state of the page is its address, in a real browser: Back, reload and links restore sort, filter, tab, panel and folds."""

import pytest
from selenium.webdriver import Keys

from tests.needs import needs
from tests.web.browserless import TOKEN

pytestmark = pytest.mark.slow

FLOW = "document.querySelector('#flow [data-rows]')?.innerText"
PANEL = "document.querySelector('#panel')"


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


def query(browser):
    return browser.js("return Object.fromEntries(new URLSearchParams(location.search))")


def chip(browser, section, text):
    return next(one for one in browser.driver.find_elements("css selector", f"#{section} .chip") if one.text == text)


@needs("chromium", "chromedriver")
def test_sort_and_flow_filter_stand_in_the_address_and_back_reload_and_a_new_tab_restore_them(scene):
    _, browser = scene
    browser.open("/")
    chip(browser, "containers", "cost").click()
    browser.until("document.querySelector('.sorts [aria-current]').innerText.startsWith('cost')")
    chip(browser, "flow", "system").click()
    browser.until(f"{FLOW}?.includes('rebuilt') && !{FLOW}.includes('noon')")
    assert query(browser) == {"sort": "cost", "show": "system"}
    browser.driver.refresh()
    assert browser.text(".sorts [aria-current]").startswith("cost")
    assert "noon" not in browser.text("#flow [data-rows]")
    browser.until("document.documentElement.dataset.live === 'on'")
    browser.driver.back()
    browser.until(f"{FLOW}?.includes('noon')")
    assert query(browser) == {"sort": "cost"}
    browser.driver.back()
    browser.until("document.querySelector('.sorts [aria-current]').innerText === 'name'")
    browser.driver.forward()
    browser.until("document.querySelector('.sorts [aria-current]').innerText.startsWith('cost')")


@needs("chromium", "chromedriver")
def test_a_filtered_section_stays_filtered_when_an_event_refreshes_it(scene):
    fake, browser = scene
    browser.open("/?show=system")
    fake.say("alice", "bob", "not of the system")
    fake.say("system", "bob", '{"event": "rebuilt", "version": 1, "agent": "zed", "ok": true}', kind="event")
    browser.until(f"{FLOW}?.includes('zed')")
    assert "not of the system" not in browser.text("#flow [data-rows]")


@needs("chromium", "chromedriver")
def test_the_tab_of_an_agent_stands_in_the_address(scene):
    _, browser = scene
    browser.open("/agent/alice/")
    browser.press("#side .tabs a[href*='tab=journal']")
    browser.until("document.querySelector('#side .journal')")
    browser.press("#side .tabs a[href*='tab=stats']")
    browser.until("document.querySelector('#side .turns')")
    assert query(browser) == {"tab": "stats"}
    browser.driver.back()
    browser.until("document.querySelector('#side .journal')")
    browser.driver.back()
    browser.until("document.querySelector('#side [aria-current]').innerText === 'inbox'")


@needs("chromium", "chromedriver")
def test_the_panel_stands_in_the_address_and_back_closes_it(scene):
    fake, browser = scene
    fake.decisions.resolve(4, "approved", tag="approved/4")
    browser.open("/?sort=cost")
    browser.press("#decision-4 [data-action=diff]")
    browser.until(f"{PANEL}.innerText.includes('Compare with'.toLowerCase())")
    assert query(browser) == {"sort": "cost", "panel": "/approval/4/"}
    browser.press("#panel .bases a:nth-of-type(2)")
    browser.until(f"{PANEL}.querySelector('.bases [aria-current]')?.innerText === 'last approved'")
    assert query(browser)["panel"] == "/approval/4/?base=approved"
    browser.driver.back()
    browser.until(f"{PANEL}.querySelector('.bases [aria-current]')?.innerText === 'running'")
    browser.driver.back()
    browser.until(f"{PANEL}.hidden")
    assert query(browser) == {"sort": "cost"}
    browser.driver.forward()
    browser.until(f"!{PANEL}.hidden && {PANEL}.querySelector('.bases')")
    browser.press("#panel .bases a:nth-of-type(3)")
    browser.until(f"{PANEL}.querySelector('.bases [aria-current]')?.innerText === 'previous'")
    browser.keys(Keys.ESCAPE)
    browser.until(f"{PANEL}.hidden && !location.search.includes('panel')")


@needs("chromium", "chromedriver")
def test_a_link_opens_the_panel_and_closing_it_stays_on_the_page(scene):
    _, browser = scene
    browser.open("/?panel=/panel/journal/alice&show=system")
    browser.until(f"{PANEL}.querySelector('.journal')?.innerText.includes('asked for mail')")
    browser.keys(Keys.ESCAPE)
    browser.until(f"{PANEL}.hidden")
    assert query(browser) == {"show": "system"}


@needs("chromium", "chromedriver")
@pytest.mark.parametrize(
    "elsewhere", ["/agent/alice/head", "//example.org/approval/4/", "/logout", "/approval/x/", "/api/state"]
)
def test_a_link_cannot_put_anything_else_into_the_panel(scene, elsewhere):
    fake, browser = scene
    browser.open(f"/?panel={elsewhere}")
    fake.set_agent("alice", pending=77)
    browser.until("document.querySelector('#agent-alice .c-queue').innerText.includes('77')")
    assert browser.js(f"return {PANEL}.hidden")


@needs("chromium", "chromedriver")
def test_what_is_unfolded_stands_in_the_address(scene):
    _, browser = scene
    browser.open("/")
    browser.press("#approvals-ended > summary")
    browser.until("location.search.includes('open=approvals-ended')")
    browser.driver.refresh()
    browser.until("document.querySelector('#approvals-ended').open")
    browser.press("#approvals-ended > summary")
    browser.until("!location.search.includes('open')")


@needs("chromium", "chromedriver")
def test_a_deep_link_survives_the_login(scene):
    _, browser = scene
    browser.driver.get(f"{browser.base}/healthz")
    browser.driver.delete_all_cookies()
    browser.driver.get(f"{browser.base}/?sort=cost&show=system&panel=/approval/4/")
    browser.until("document.querySelector('form[data-login]')")
    browser.js("location.hash = 'token=' + arguments[0]", TOKEN)
    browser.until(f"location.pathname === '/' && {PANEL}?.querySelector('.bases')")
    assert query(browser) == {"sort": "cost", "show": "system", "panel": "/approval/4/"}
    assert browser.text(".sorts [aria-current]").startswith("cost")
    browser.driver.get_log("browser")


@needs("chromium", "chromedriver")
def test_the_views_work_without_scripts(scene):
    _, browser = scene
    browser.scripts(on=False)
    try:
        browser.driver.get(f"{browser.base}/?show=system")
        chip(browser, "containers", "cost").click()
        browser.until_text(".sorts [aria-current]", lambda text: text.startswith("cost"))
        assert browser.find("#flow [aria-current]").text == "system"
    finally:
        browser.scripts(on=True)
