"""The palette in a real browser, by keyboard alone: it opens everywhere, leads anywhere, acts, asks, and returns the focus."""

import pytest
from selenium.webdriver import ActionChains, Keys

from harness.wire.errors import HiveError
from tests.needs import needs

pytestmark = pytest.mark.slow

OPEN = "document.querySelector('#palette').open"
SELECTED = "document.querySelector('#palette [aria-selected=true] .title')?.textContent"
STATUS = "document.querySelector('#palette-status').textContent"
PAGES = (
    "/",
    "/agent/alice/",
    "/approval/4/",
    "/actors",
    "/stats",
    "/decisions",
    "/sessions",
    "/search",
    "/config/bob/",
    "/keys",
)


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


def slash(browser):
    """The key, wherever the focus is: after a dialog has closed it may still be on its way back."""
    ActionChains(browser.driver).send_keys("/").perform()
    browser.until(OPEN)


def look_up(browser, line, title):
    browser.until(OPEN)
    browser.keys(line)
    browser.until(f"{SELECTED} === arguments[0]", title)


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("path", PAGES)
def test_it_opens_on_every_page_and_escape_returns_the_focus(scene, path):
    _, browser = scene
    browser.open(path)
    browser.js("document.querySelector('header.top nav a').focus()")
    browser.keys(Keys.CONTROL, "k", Keys.NULL)
    browser.until(f"{OPEN} && document.activeElement.id === 'palette-input'")
    browser.keys(Keys.ESCAPE)
    browser.until(f"!{OPEN}")
    assert browser.js("return document.activeElement === document.querySelector('header.top nav a')")


@needs("chromium", "chromedriver")
def test_a_slash_and_a_name_lead_to_the_agent(scene):
    _, browser = scene
    browser.open("/stats")
    slash(browser)
    look_up(browser, "carol", "carol")
    browser.keys(Keys.ENTER)
    browser.until("location.pathname === '/agent/carol/'")


@needs("chromium", "chromedriver")
def test_an_action_is_done_where_the_operator_stands(scene):
    fake, browser = scene
    browser.open("/")
    browser.keys(Keys.CONTROL, "k", Keys.NULL)
    look_up(browser, "pause ali", "pause alice")
    browser.keys(Keys.ENTER)
    browser.until("document.querySelector('#agent-alice .c-state').innerText.includes('paused')")
    browser.until(f"!{OPEN}")
    assert browser.js("return location.pathname") == "/"
    assert {"cmd": "set_paused", "name": "alice", "paused": True} in fake.asked
    assert "pause alice: paused" in browser.js("return document.querySelector('#announcements').textContent")


@needs("chromium", "chromedriver")
def test_what_ends_something_asks_once_more(scene):
    fake, browser = scene
    browser.open("/actors")
    slash(browser)
    look_up(browser, "restart bob", "restart bob")
    browser.keys(Keys.ENTER)
    browser.until(f"{STATUS} === 'Enter once more to restart bob'")
    assert not [one for one in fake.asked if one["cmd"] == "restart"]
    browser.keys(Keys.ARROW_DOWN, Keys.ARROW_UP, Keys.ENTER)
    browser.until(f"{STATUS} === 'Enter once more to restart bob'")
    assert not [one for one in fake.asked if one["cmd"] == "restart"]
    browser.keys(Keys.ENTER)
    browser.until(f"!{OPEN}")
    assert [one["name"] for one in fake.asked if one["cmd"] == "restart"] == ["bob"]


@needs("chromium", "chromedriver")
def test_a_message_a_denial_and_a_destruction_take_what_is_typed_behind(scene):
    fake, browser = scene
    browser.open("/")
    slash(browser)
    look_up(browser, "message carol", "message carol")
    browser.keys(Keys.ENTER)
    browser.until(f"{STATUS} === 'and what to say'")
    browser.keys("hello <b>there</b>")
    browser.until(f"{SELECTED} === 'message carol: hello <b>there</b>'")
    browser.keys(Keys.ENTER)
    browser.until(f"!{OPEN}")
    assert (fake.messages[-1].to, fake.messages[-1].body) == ("carol", "hello <b>there</b>")
    slash(browser)
    look_up(browser, "deny 4", "deny #4")
    browser.keys(Keys.TAB, "not now")
    browser.until(f"{SELECTED} === 'deny #4: not now'")
    browser.keys(Keys.ENTER)
    browser.until(f"!{OPEN} && !document.querySelector('#need-approval-4')")
    assert [one["note"] for one in fake.asked if one["cmd"] == "deny"] == ["not now"]
    slash(browser)
    look_up(browser, "destroy dave", "destroy dave")
    browser.keys(Keys.ENTER, "dave")
    browser.until("!document.querySelector('#palette [aria-selected=true]').innerText.includes('once more')")
    browser.keys(Keys.ENTER)
    browser.until(f"{STATUS}.startsWith('Enter once more')")
    assert "dave" in fake.agents
    browser.keys(Keys.ENTER)
    browser.until("!document.querySelector('#agent-dave')")


@needs("chromium", "chromedriver")
def test_a_refusal_stays_until_something_else_is_typed(scene):
    fake, browser = scene
    browser.open("/")
    fake.refuse["kick"] = HiveError("conflict", "alice is being rebuilt", "wait for it")
    slash(browser)
    look_up(browser, "kick alice", "kick alice")
    browser.keys(Keys.ENTER)
    browser.until(f"{STATUS} === 'alice is being rebuilt: wait for it'")
    assert browser.js(f"return {OPEN}")
    browser.keys(Keys.BACKSPACE)
    assert browser.js(f"return {STATUS}") == ""
    browser.driver.get_log("browser")


@needs("chromium", "chromedriver")
def test_a_screen_reader_hears_a_dialog_with_a_combobox_and_its_options(scene):
    _, browser = scene
    browser.open("/")
    slash(browser)
    look_up(browser, "carol", "carol")
    tree = browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    shown = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node.get("ignored")]
    assert ("dialog", "go to, or do") in shown
    assert ("combobox", "go to, or do") in shown
    options = [name for role, name in shown if role == "option"]
    assert options[0].startswith("agent carol")
    assert (
        browser.js("return document.querySelector('#palette-input').getAttribute('aria-activedescendant')")
        == "palette-0"
    )
    assert not [role for role, _ in shown if role == "link"]


@needs("chromium", "chromedriver")
def test_it_works_while_the_operator_types_elsewhere_and_keeps_what_was_typed(scene):
    _, browser = scene
    browser.open("/")
    browser.find("#compose textarea").send_keys("half a sen/tence")
    assert not browser.js(f"return {OPEN}")
    browser.keys(Keys.CONTROL, "k", Keys.NULL)
    browser.until(OPEN)
    browser.keys(Keys.CONTROL, "k", Keys.NULL)
    browser.until(f"!{OPEN}")
    assert browser.js("return [document.activeElement.name, document.activeElement.value]") == [
        "body",
        "half a sen/tence",
    ]
