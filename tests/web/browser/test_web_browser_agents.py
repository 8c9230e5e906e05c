"""The table of agents in a real browser: one row a change, filter, groups, columns and pages."""

import pytest
from selenium.webdriver import Keys

from harness.wire.operator_rows import AgentRow
from tests.needs import needs

pytestmark = pytest.mark.slow

NAMES = "[...document.querySelectorAll('#agents tr[data-row]')].map((row) => row.dataset.agent)"
WATCH = """
window.sent = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => sent.push([new URL(one.name).pathname + new URL(one.name).search, one.encodedBodySize, one.decodedBodySize])))
  .observe({ type: "resource" });
"""


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


@pytest.fixture
def many(scene):
    fake, browser = scene
    for n in range(250):
        fake.agents[f"w{n:03}"] = AgentRow(name=f"w{n:03}", running=True, state="idle", pending=0)
    fake.restart()
    while browser.js("return document.body.dataset.epoch") != fake.epoch:
        browser.open("/")
    return fake, browser


def chip(browser, group, text):
    found = next(
        one for one in browser.driver.find_elements("css selector", f"{group} .chip") if one.text.startswith(text)
    )
    browser.js("arguments[0].scrollIntoView({block: 'center'})", found)
    return found


@needs("chromium", "chromedriver")
def test_a_change_of_one_agent_reads_one_row_and_keeps_the_elements_of_all(many):
    fake, browser = many
    browser.open("/")
    browser.js(WATCH)
    browser.js("document.querySelectorAll('#agents tr[data-row]').forEach((row) => { row.mark = row.dataset.agent })")
    fake.set_agent("w007", state="thinking", pending=3)
    browser.until("document.querySelector('#agent-w007').innerText.includes('thinking')")
    browser.until("document.querySelector('#agents-counts').innerText.includes('thinking 2')")
    assert browser.js(f"return {NAMES}.every((name) => document.querySelector('#agent-' + name).mark === name)")
    tables = browser.js("return sent.filter(([path]) => path.startsWith('/section/containers'))")
    assert [path for path, *_ in tables] == ["/section/containers/rows?agents=w007"]
    assert sum(size for _, size, _ in browser.js("return sent")) < 10_000
    assert tables[0][2] < 12_000


@needs("chromium", "chromedriver")
def test_a_row_goes_to_the_group_of_its_new_state_with_its_open_menu_and_the_focus(many):
    fake, browser = many
    browser.open("/?group=state")
    browser.press("#menu-alice > summary")
    browser.press("#destroy-alice > summary")
    browser.find("#typed-alice").send_keys("ali")
    fake.set_agent("alice", state="stuck")
    browser.until("document.querySelector('#agents-stuck #agent-alice')")
    assert browser.js("const f = document.activeElement; return [f.id, f.value]") == ["typed-alice", "ali"]
    assert browser.js("return document.querySelector('#menu-alice').open")
    assert browser.text("#agents-stuck .group-head").split() == ["!", "stuck", "1"]
    fake.set_agent("alice", state="idle")
    browser.until("!document.querySelector('#agents-stuck') && document.querySelector('#agents-idle #agent-alice')")


@needs("chromium", "chromedriver")
def test_new_agents_enter_and_removed_ones_leave_in_their_order(many):
    fake, browser = many
    browser.open("/")
    assert browser.js(f"return {NAMES}.length") == 100
    fake.set_agent("beth", running=True, state="idle")
    browser.until("document.querySelector('#agent-beth')")
    names = browser.js(f"return {NAMES}")
    assert names[:4] == ["hm1nd", "alice", "beth", "bob"]
    assert len(names) == 100
    fake.agents.pop("alice")
    fake.emit("agent_removed", {"name": "alice"})
    browser.until("!document.querySelector('#agent-alice')")
    browser.until(f"{NAMES}.length === 100 && document.querySelector('#agents-counts').innerText.includes('of 256')")
    browser.find("#menu-beth > summary").click()
    browser.press("#menu-beth [data-action=pause] button")
    browser.until("document.querySelector('#agent-beth .c-state').innerText.includes('paused')")


@needs("chromium", "chromedriver")
def test_the_filter_applies_while_typing_keeps_the_focus_and_stands_in_the_address(many):
    fake, browser = many
    browser.open("/?show=system")
    browser.find("#agents-filter").send_keys("w24")
    browser.until(f"{NAMES}.length === 10")
    browser.keys("9")
    browser.until(f"{NAMES}.join() === 'w249'")
    assert browser.js("const f = document.activeElement; return [f.id, f.value]") == ["agents-filter", "w249"]
    assert browser.js("return location.search") == "?show=system&filter=w249"
    fake.set_agent("w249", state="thinking")
    browser.until("document.querySelector('#agent-w249').innerText.includes('thinking')")
    fake.set_agent("w001", state="thinking")
    browser.until("document.querySelector('#agents-counts').innerText.includes('thinking 3')")
    assert browser.js(f"return {NAMES}") == ["w249"]
    browser.driver.back()
    browser.until(f"{NAMES}.length === 100")
    assert browser.js("return document.querySelector('#agents-filter').value") == ""


@needs("chromium", "chromedriver")
def test_pages_groups_states_and_columns_are_links_that_back_undoes(many):
    _, browser = many
    browser.open("/")
    browser.press("#agents-pager a")
    browser.until("document.querySelector('#agents-counts').innerText.includes('101–200 of 256 agents')")
    chip(browser, "#agents-counts", "✗ parked" if "parked" in browser.text("#agents-counts") else "✗ failed").click()
    browser.until(f"{NAMES}.join() === 'carol'")
    assert "1 of 256" in browser.text("#agents-counts")
    browser.driver.back()
    browser.until("document.querySelector('#agents-pager').innerText.includes('page 2 of 3')")
    browser.press("#agents-columns > summary")
    chip(browser, "#agents-columns", "model").click()
    browser.until("!document.querySelector('#agents .c-model')")
    assert browser.js("return document.querySelector('#agents-columns').open")
    chip(browser, ".group-by", "state").click()
    browser.until("document.querySelector('#agents-idle .group-head')")
    browser.driver.refresh()
    assert browser.text("#agents .c-model") is None
    assert browser.text("#agents-idle .group-head")


@needs("chromium", "chromedriver")
def test_the_table_filters_without_scripts(many):
    _, browser = many
    browser.scripts(on=False)
    try:
        browser.driver.get(f"{browser.base}/?show=system&sort=cost")
        browser.find("#agents-filter").send_keys("w24", Keys.ENTER)
        browser.until_text("#agents-counts [role=status]", lambda text: text == "10 of 256 agents")
        assert browser.find("#flow [aria-current]").text == "system"
        assert browser.find(".sorts [aria-current]").text.startswith("cost")
    finally:
        browser.scripts(on=True)


@needs("chromium", "chromedriver")
def test_the_flow_has_one_picker_instead_of_a_chip_for_each_agent(many):
    _, browser = many
    browser.open("/")
    assert browser.js("return document.querySelectorAll('#flow .filters .chip').length") == 4
    field = browser.find("#flow-party")
    field.send_keys("alice")
    browser.until("!document.querySelector('#flow [data-rows]').innerText.includes('ripgrep is missing')")
    assert browser.js("return location.search") == "?show=alice"
    browser.driver.back()
    browser.until("document.querySelector('#flow [data-rows]').innerText.includes('ripgrep is missing')")
