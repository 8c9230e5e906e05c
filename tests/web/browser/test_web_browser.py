"""The pages in a real browser: live updates, preserved input, keyboard, layout, contrast."""

import pytest
from selenium.webdriver import ActionChains, Keys

from harness.wire.errors import HiveError
from tests.needs import needs
from tests.web import sample_rows
from tests.web.browserless import TOKEN

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


@needs("chromium", "chromedriver")
def test_the_token_behind_the_hash_logs_in_and_is_stored_nowhere(hive):
    _, browser, process = hive
    browser.driver.delete_all_cookies()
    browser.log_in(process.url, TOKEN)
    assert "token" not in browser.driver.current_url
    cookie = next(one for one in browser.driver.get_cookies() if one["name"] == "hive_session")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert browser.js("return document.cookie") == ""


@needs("chromium", "chromedriver")
def test_a_row_follows_its_agent_without_a_reload(scene):
    fake, browser = scene
    browser.open("/")
    assert "idle" in browser.text("#agent-alice .c-state")
    browser.js("document.querySelector('#agent-alice').mark = 'the same element'")
    fake.set_agent("alice", state="thinking", pending=7)
    browser.until("document.querySelector('#agent-alice .c-state').innerText.includes('thinking')")
    assert browser.text("#agent-alice .c-queue") == "7"
    assert browser.js("return document.querySelector('#agent-alice').mark") == "the same element"


@needs("chromium", "chromedriver")
def test_typing_selection_focus_and_open_details_survive_updates(scene):
    fake, browser = scene
    browser.open("/")
    browser.find("#menu-bob > summary").click()
    browser.find("#destroy-bob > summary").click()
    field = browser.find("#typed-bob")
    field.send_keys("bo")
    browser.js("document.querySelector('#typed-bob').setSelectionRange(1, 2)")
    fake.set_agent("bob", pending=9, turns_today=99)
    fake.set_agent("alice", pending=8)
    browser.until(
        "document.querySelector('#agent-bob .c-queue').innerText.includes('9') && document.querySelector('#agent-alice .c-queue').innerText.includes('8')"
    )
    state = browser.js(
        "const f = document.activeElement; return [f.id, f.value, f.selectionStart, f.selectionEnd, document.querySelector('#menu-bob').open]"
    )
    assert state == ["typed-bob", "bo", 1, 2, True]


@needs("chromium", "chromedriver")
def test_a_message_is_sent_with_enter_and_appears_in_the_flow(scene):
    fake, browser = scene
    browser.open("/")
    area = browser.find("#compose textarea")
    area.send_keys("@ali")
    browser.until("!document.querySelector('.completions').hidden")
    browser.keys(Keys.TAB)
    browser.until("document.querySelector('#compose [name=to]').value === 'alice'")
    browser.keys("first line", Keys.SHIFT + Keys.ENTER + Keys.NULL, "second <b>line</b>", Keys.ENTER)
    browser.until("document.querySelector('[data-rows]').lastElementChild.innerText.includes('second <b>line</b>')")
    assert fake.messages[-1].body == "first line\nsecond <b>line</b>"
    browser.until("document.querySelector('#compose textarea').value === ''")
    assert browser.js("return document.activeElement.name") == "body"
    browser.open("/")
    assert browser.js("return document.querySelector('#compose [name=to]').value") == "alice"


@needs("chromium", "chromedriver")
def test_a_refusal_stands_beside_the_button_until_it_is_dismissed(scene):
    fake, browser = scene
    browser.open("/?need=failed-carol")
    fake.refuse["start"] = HiveError("conflict", "carol is being rebuilt", "wait for it")
    browser.find("#need [data-action=start] button").click()
    browser.until("document.querySelector('#need .refusal')?.innerText.includes('wait for it')")
    fake.set_agent("carol", pending=3)
    browser.until("document.querySelector('#agent-carol .c-queue').innerText.includes('3')")
    assert "carol is being rebuilt" in browser.text("#need .refusal")
    browser.find("#need .refusal [data-dismiss]").click()
    assert browser.text("#need .refusal") is None
    browser.driver.get_log("browser")


@needs("chromium", "chromedriver")
def test_the_panel_opens_with_l_and_esc_closes_it_and_returns_the_focus(scene):
    _, browser = scene
    browser.open("/")
    browser.keys("j")
    browser.until("document.querySelector('[data-selected]')")
    while browser.js("return document.querySelector('[data-selected]').id") != "agent-alice":
        browser.keys("j")
    browser.keys("l")
    browser.until("document.querySelector('#panel .journal')?.innerText.includes('asked for mail')")
    assert browser.js("return document.querySelector('#panel').contains(document.activeElement)")
    browser.keys(Keys.ESCAPE)
    assert browser.js("return document.querySelector('#panel').hidden")
    assert browser.js("return document.querySelector('[data-selected]').id") == "agent-alice"


@needs("chromium", "chromedriver")
def test_the_keyboard_moves_acts_searches_writes_and_navigates(scene):
    fake, browser = scene
    browser.open("/")
    for _ in range(20):
        browser.keys("j")
        if browser.js("return document.querySelector('[data-selected]')?.id") == "agent-alice":
            break
    browser.keys("p")
    browser.until("document.querySelector('#agent-alice .c-state').innerText.includes('paused')")
    assert {"cmd": "set_paused", "name": "alice", "paused": True} in fake.asked
    browser.keys("m")
    assert browser.js("return [document.activeElement.name, document.querySelector('#compose [name=to]').value]") == [
        "body",
        "alice",
    ]
    browser.keys("jjj", Keys.ESCAPE)
    browser.keys("/")
    browser.keys("ripgrep")
    assert browser.js("return [document.activeElement.id, document.activeElement.value]") == [
        "palette-input",
        "ripgrep",
    ]
    browser.keys(Keys.ESCAPE)
    browser.until("!document.querySelector('#palette').open")
    browser.keys("?")
    browser.until("document.querySelector('#panel .keys')")
    browser.keys(Keys.ESCAPE)
    browser.keys("g", "a")
    browser.until("location.pathname === '/actors'")


@needs("chromium", "chromedriver")
def test_the_flow_stays_at_the_bottom_and_counts_new_messages_while_it_is_scrolled_up(scene):
    fake, browser = scene
    for n in range(60):
        fake.say("alice", "bob", f"line {n}")
    browser.open("/")
    at_bottom = "(() => { const l = document.querySelector('#flow .scroller'); return l.scrollHeight - l.scrollTop - l.clientHeight < 4 })()"
    assert browser.js(f"return {at_bottom}")
    fake.say("alice", "bob", "one more")
    browser.until(
        f"document.querySelector('#flow [data-rows]').lastElementChild.innerText.includes('one more') && {at_bottom}"
    )
    browser.js("document.querySelector('#flow .scroller').scrollTop = 0")
    for n in range(3):
        fake.say("alice", "bob", f"unseen {n}")
    browser.until("document.querySelector('#flow [data-pill]').innerText.includes('3 new')")
    assert browser.js("return document.querySelector('#flow .scroller').scrollTop") == 0
    browser.find("#flow [data-pill]").click()
    browser.until(f"{at_bottom} && document.querySelector('#flow [data-pill]').hidden")


@needs("chromium", "chromedriver")
def test_the_turn_log_grows_with_the_turn_and_its_unfolded_rows_stay_unfolded(scene):
    fake, browser = scene
    browser.open("/agent/alice/")
    before = browser.js("return document.querySelectorAll('#log [data-rows] > li').length")
    browser.js("document.querySelector('#log details').open = true")
    for event in sample_rows.TURN:
        fake.happen("alice", event)
    fake.happen("bob", sample_rows.text("not here"))
    browser.until("document.querySelectorAll('#log [data-rows] > li').length === arguments[0]", before * 2)
    assert browser.js("return document.querySelector('#log details').open")
    identities = browser.js("return [...document.querySelectorAll('#log li')].map((row) => row.id)")
    assert len(set(identities)) == len(identities)
    assert "not here" not in browser.text("#log")


@needs("chromium", "chromedriver")
def test_slash_commands_complete_act_and_explain_themselves(scene):
    fake, browser = scene
    browser.open("/agent/alice/")
    area = browser.find("#compose textarea")
    area.send_keys("/comp", Keys.TAB, Keys.ENTER)
    browser.until("document.querySelector('#compose .outcome').innerText.includes('compact')")
    assert {"cmd": "agent_control", "name": "alice", "action": "compact"} in fake.asked
    area.send_keys("/help", Keys.ENTER)
    browser.until("document.querySelector('.slash-help')")
    area.send_keys("/clear", Keys.ENTER)
    browser.until("document.querySelectorAll('#log [data-rows] > li').length === 0")
    browser.js(
        "const s = document.querySelector('.action-model select'); s.value = 'opus'; s.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    browser.until(
        "document.querySelector('.action-model select').selectedOptions[0].textContent === 'opus' && document.querySelector('.action-model .outcome').innerText.includes('model')"
    )
    assert fake.agents["alice"].active_model == "opus"


@needs("chromium", "chromedriver")
def test_a_bar_says_since_when_the_daemon_is_unreachable_and_the_rows_stay_readable(scene):
    fake, browser = scene
    browser.open("/")
    fake.stop()
    browser.until("!document.querySelector('#bar-away').hidden")
    assert "since" in browser.text("#bar-away")
    assert "alice" in browser.text("#containers")
    fake.start()
    browser.until("document.querySelector('#bar-away').hidden && !document.body.classList.contains('away')")
    fake.set_agent("alice", pending=6)
    browser.until("document.querySelector('#agent-alice .c-queue').innerText === '6'")


@needs("chromium", "chromedriver")
def test_a_page_follows_a_restarted_daemon_without_a_reload(scene):
    fake, browser = scene
    browser.open("/")
    fake.stop()
    fake.agents["zoe"] = fake.agents["alice"].model_copy(update={"name": "zoe"})
    fake.restart()
    browser.until("document.querySelector('#agent-zoe')")
    # A section that is read while the daemon is away keeps its rows; the browser itself logs the answer.
    assert [one for one in browser.faults() if "503" not in one] == []


@needs("chromium", "chromedriver")
def test_the_text_of_an_agent_is_shown_and_never_run(scene):
    fake, browser = scene
    evil = "<img src=x onerror=\"window.faults.push('ran')\"><script>window.faults.push('ran')</script>"
    browser.open("/")
    fake.say("alice", "operator", evil)
    fake.set_agent("alice", status_text=evil, note=evil)
    browser.until(
        "document.querySelector('#flow').innerText.includes('<img src=x') && document.querySelector('#agent-alice').innerText.includes('<img')"
    )
    browser.open("/agent/alice/")
    fake.happen("alice", sample_rows.text(evil))
    fake.happen("alice", sample_rows.result(evil))
    browser.until("document.querySelector('#log').innerText.split('<img src=x').length > 2")


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("path", ["/", "/agent/alice/", "/actors", "/keys", "/agent/alice/?tab=stats"])
def test_no_page_is_wider_than_the_screen_at_360_pixels_or_at_twice_the_size(scene, path):
    _, browser = scene
    for width in (360, 700):
        browser.size(width, 740)
        browser.open(path)
        inner = browser.js("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert inner[0] <= inner[1] <= width


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_every_text_has_enough_contrast(scene, theme):
    _, browser = scene
    browser.open("/")
    browser.find("#view > summary").click()
    browser.find(f"#view button[value={theme}]").click()
    browser.until(f"document.documentElement?.dataset.theme === '{theme}'")
    poor = []
    for path in ("/", "/agent/alice/", "/actors"):
        browser.open(path)
        poor += browser.js(CONTRAST)
    assert poor == []


@needs("chromium", "chromedriver")
def test_without_scripts_every_page_is_readable_and_a_form_still_works(scene):
    fake, browser = scene
    browser.scripts(on=False)
    try:
        browser.open("/", live=False)
        assert "reviewing bob's request" in browser.find("#containers").text
        assert "without JavaScript" in browser.find("noscript").get_attribute("textContent")
        browser.find("a[href='/?sort=queue#containers']").click()
        assert browser.find("tbody tr:first-child .c-name").text.endswith("bob")
        browser.open("/?need=failed-carol", live=False)
        browser.find("#need [data-action=start] button").click()
        browser.until_text("#containers", lambda words: "failed" not in words)
        assert {"cmd": "start", "scope": {"agent_names": ["carol"]}} in fake.asked
        browser.open("/agent/alice/?tab=journal", live=False)
        assert "asked for mail" in browser.find("#side").text
    finally:
        browser.scripts(on=True)


@needs("chromium", "chromedriver")
def test_an_error_of_the_page_is_shown_in_a_bar(hive):
    _, browser, _ = hive
    browser.open("/")
    browser.js("document.body.append(Object.assign(new Image(), {src: 'http://evil.example/pixel'}))")
    browser.until("document.querySelector('#bar-error').innerText.includes('refused http://evil.example')")
    browser.driver.get_log("browser")


@needs("chromium", "chromedriver")
def test_the_focus_is_visible_and_the_first_tab_skips_to_the_content(scene):
    _, browser = scene
    browser.open("/")
    ActionChains(browser.driver).send_keys(Keys.TAB).perform()
    assert browser.js(
        "const s = getComputedStyle(document.activeElement); return [document.activeElement.className, s.outlineStyle]"
    ) == ["skip", "solid"]


CONTRAST = """
const canvas = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
const rgba = (colour) => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
const ground = (element) => { const stack = []; for (let e = element; e; e = e.parentElement) stack.push(rgba(getComputedStyle(e).backgroundColor)); return stack.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
const poor = new Set();
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest(".sr, svg, option, :disabled, noscript")) continue;
  const under = ground(element);
  const colour = over(rgba(getComputedStyle(element).color), under);
  const [a, b] = [light(colour), light(under)].sort((x, y) => y - x);
  if ((a + 0.05) / (b + 0.05) < 4.5) poor.add(`${element.className || element.localName}: ${((a + 0.05) / (b + 0.05)).toFixed(2)}`);
}
return [...poor];
"""
