"""The operator's console in a real browser: nothing covers a control, and what fails says so."""

import pytest
from selenium.webdriver import Keys

from actors.agent.registry.why import explained, with_why
from harness.wire.live.last_tool import LastTool
from harness.wire.operator_rows import AgentRow, TreeNode
from tests.needs import needs
from tests.web.browser.controls import COVERED
from tests.web.browserless import TOKEN

pytestmark = pytest.mark.slow

PAGES = ("/", "/agent/carol/", "/approval/4/", "/actors", "/stats", "/decisions", "/sessions")
DENY = "#need details[data-action=deny]"


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
    browser.open("/?need=approval-4")
    browser.press(f"{DENY} > summary")
    assert browser.js(COVERED, DENY) == []
    browser.press("#need [data-action=approve] button")
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


@needs("chromium", "chromedriver")
def test_nine_tabs_are_live_at_once_and_each_follows_its_own_agent(scene):
    fake, browser = scene
    driver = browser.driver
    first = driver.current_window_handle
    paths = ["/", "/agent/bob/", "/agent/alice/", *["/"] * 6]
    try:
        for path in paths:
            driver.switch_to.new_window("tab")
            browser.open(path)
        tabs = driver.window_handles[1:]
        assert len(tabs) == 9
        fake.set_agent("alice", pending=41)
        fake.happen("alice", {"kind": "note", "class": "stderr", "text": "only alice's log says this"})
        for tab, path in zip(tabs, paths, strict=True):
            driver.switch_to.window(tab)
            if path == "/":
                browser.until("document.querySelector('#agent-alice .c-queue').innerText.includes('41')")
            if path == "/agent/alice/":
                browser.until("document.querySelector('#log').innerText.includes('says this')")
            if path == "/agent/bob/":
                assert "says this" not in browser.text("#log")
    finally:
        for tab in driver.window_handles:
            if tab != first:
                driver.switch_to.window(tab)
                driver.close()
        driver.switch_to.window(first)


@needs("chromium", "chromedriver")
def test_the_login_link_works_in_a_tab_that_shows_the_login(hive):
    _, browser, _ = hive
    browser.driver.get(f"{browser.base}/healthz")
    browser.driver.delete_all_cookies()
    browser.driver.get(f"{browser.base}/login?next=/stats")
    browser.until("document.querySelector('form[data-login]')")
    browser.js("location.hash = 'token=' + arguments[0]", TOKEN)
    browser.until("location.pathname === '/stats'")
    assert TOKEN not in browser.driver.current_url


@needs("chromium", "chromedriver")
def test_an_expired_login_returns_to_the_page_with_what_was_typed(scene):
    fake, browser = scene
    browser.open("/agent/alice/?tab=inbox")
    browser.find("#compose textarea").send_keys("half of an ans")
    browser.driver.delete_all_cookies()
    browser.keys("wer", Keys.ENTER)
    browser.until("location.pathname === '/login'")
    browser.js("location.hash = 'token=' + arguments[0]", TOKEN)
    browser.until("location.pathname === '/agent/alice/' && location.search === '?tab=inbox'")
    browser.until("document.querySelector('#compose textarea').value === 'half of an answer'")
    assert not any(one["cmd"] == "send" for one in fake.asked)
    browser.driver.get_log("browser")


@needs("chromium", "chromedriver")
def test_what_is_sent_while_the_server_is_away_says_so_and_stays(scene):
    fake, browser = scene
    browser.open("/")
    browser.find("#compose textarea").send_keys("@alice a message")
    browser.driver.execute_cdp_cmd("Network.enable", {})
    conditions = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
    try:
        browser.keys(Keys.ENTER)
        browser.until("document.querySelector('#compose .refusal')?.innerText.includes('did not answer')")
        assert browser.js("return document.querySelector('#compose textarea').value") == "a message"
    finally:
        browser.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions | {"offline": False})
    browser.keys(Keys.ENTER)
    browser.until("document.querySelector('#compose textarea').value === ''")
    assert fake.messages[-1].body == "a message"
    assert browser.text("#compose .refusal") is None
    browser.driver.get_log("browser")


@needs("chromium", "chromedriver")
def test_a_stuck_agent_says_why_in_its_row_and_its_turn_is_cancelled_where_it_stands(scene):
    fake, browser = scene
    fake.set_agent("alice", state="stuck", note="alive, silent for 6 minutes")
    browser.open("/agent/alice/")
    assert browser.js(
        "return [...document.querySelectorAll('.controls button')].some((one) => one.innerText.includes('cancel') && !one.disabled)"
    )
    browser.open("/?need=stuck-alice")
    assert "silent for 6 minutes" in browser.text("#agent-alice .c-status")
    browser.press("#need [data-action=cancel] button")
    browser.until("!document.querySelector('#need-stuck-alice')")
    assert {"cmd": "agent_control", "name": "alice", "action": "cancel"} in fake.asked


@needs("chromium", "chromedriver")
def test_a_stuck_part_of_the_tree_is_not_shown_as_well(scene):
    fake, browser = scene
    node = fake.tree.children[0]
    fake.tree = fake.tree.model_copy(
        update={"children": [node.model_copy(update={"state": "stuck"}), *fake.tree.children[1:]]}
    )
    browser.open("/actors")
    classes = browser.js(
        "return [...document.querySelectorAll('.tree-node')].find((one) => one.querySelector('.node-state').innerText === 'stuck').className"
    )
    assert "tone-attention" in classes


@needs("chromium", "chromedriver")
def test_the_tree_and_the_row_say_why_an_agent_is_stuck_or_parked(scene):
    fake, browser = scene
    tool = {"name": "Bash", "call": "npm test", "at": fake.decisions.ago(6 * 60_000)}
    stuck = with_why(fake.agents["alice"].model_copy(update={"state": "stuck", "last_tool": LastTool(**tool)}))
    parked = AgentRow(name="carol", state="parked", failed=True, since=tool["at"], note="parked: crashed with status 3")
    fake.agents |= {"alice": stuck, "carol": with_why(parked)}
    fake.tree = TreeNode.model_validate(explained(fake.tree.as_frame(), fake.agents.values()))
    browser.open("/")
    assert "last tool: Bash npm test, running for 6m" in browser.text("#agent-alice .c-status")
    assert "given up 6m ago: crashed with status 3" in browser.text("#agent-carol .c-status")
    browser.open("/actors")
    for path, glyph, tone, words in (
        ("hive/agents/alice/container", "!", "tone-attention", "running for 6m"),
        ("hive/agents/carol", "✗", "tone-bad", "crashed with status 3"),
    ):
        node = browser.find(f"[id='node-{path}']")
        assert tone in node.get_attribute("class")
        assert node.find_element("css selector", ".node-kind").text == glyph
        assert words in node.text
