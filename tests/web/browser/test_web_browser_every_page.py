"""What holds for every page: axe finds nothing, nothing is cut or too small to hit, and it reads without scripts."""

import itertools
import re

import pytest

from tests.needs import needs
from tests.web import sample_rows
from tests.web.browser import axe, pages
from web.routes import ROUTES, Access

pytestmark = [pytest.mark.slow]
WIDTHS = (1400, 390)
NARROW = (390, 360)
ZOOMED = 640
"""The width of a screen of 1280 pixels at 200 %."""
TARGET_PIXELS = 24
TARGETS = """
const small = [];
for (const one of document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")) {
  if (!one.checkVisibility({ visibilityProperty: true }) || one.matches("a.out, .skip")) continue;
  const boxes = [one, one.closest("label")].filter(Boolean).map((box) => box.getBoundingClientRect());
  const [width, height] = [Math.max(...boxes.map((box) => box.width)), Math.max(...boxes.map((box) => box.height))];
  if (width > 1 && (width < arguments[0] - 0.5 || height < arguments[0] - 0.5)) small.push(`${one.outerHTML.slice(0, 120)} ${width}×${height}`);
}
return small;
"""
WIDER = """
const edge = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= edge) return [];
return [...document.querySelectorAll("body *")].filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > edge + 1)
  .map((one) => one.outerHTML.slice(0, 100)).slice(0, 5).concat(`scrolls to ${document.documentElement.scrollWidth} of ${edge}`);
"""
WORDS = """
const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
const found = [];
while (walker.nextNode()) {
  const parent = walker.currentNode.parentElement;
  if (parent.checkVisibility() && !parent.closest("time, noscript, script, .plot, [data-screen], .player, [data-zone]")) found.push(walker.currentNode.data);
}
return found.join(" ");
"""


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


@pytest.fixture(scope="module")
def looked_at(hive):
    """A browser with a session, in front of rows that do not change."""
    axe.needs_axe()
    fake, browser, _ = hive
    sample_rows.populate(fake)
    browser.driver.set_script_timeout(60)
    return browser


def look(browser, path):
    browser.size(WIDTHS[0])
    browser.driver.get(browser.base + path)
    pages.settle(browser)


def faults(browser, within=None):
    """What axe finds in both colours and at both widths."""
    found = []
    for width, theme in itertools.product(WIDTHS, pages.THEMES):
        browser.size(width)
        browser.js("document.documentElement.dataset.theme = arguments[0]", theme)
        rules = () if theme == pages.THEMES[0] else ("color-contrast",)
        found += [f"{width} {theme}: {one}" for one in axe.violations(browser, *rules, within=within)]
    return found


def cut(browser):
    """What is wider than the screen, with every fold open and closed."""
    found = []
    for width in (*NARROW, ZOOMED):
        browser.size(width)
        found += [f"{width}: {one}" for one in browser.js(WIDER)]
    return found


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("name", pages.PAGES)
def test_axe_finds_nothing_and_nothing_is_cut_or_too_small_to_hit(looked_at, name):
    look(looked_at, pages.PAGES[name])
    # What stands beside a tab of an agent is on the agent's own page, too.
    assert faults(looked_at, within="#side" if "?tab=" in pages.PAGES[name] else None) == []
    assert cut(looked_at) == []
    looked_at.size(390)
    assert looked_at.js(TARGETS, TARGET_PIXELS) == []


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("name", ["dashboard", "agent", "approval", "stats", "error-404"])
def test_with_plain_headings_axe_finds_nothing_either(looked_at, name):
    pages.choose(looked_at, words="plain")
    try:
        look(looked_at, pages.PAGES[name])
        assert looked_at.js("return document.documentElement.dataset.words") == "plain"
        assert faults(looked_at) == []
    finally:
        pages.choose(looked_at)


@needs("chromium", "chromedriver")
def test_an_open_menu_panel_and_drawer_are_as_accessible_as_the_page(looked_at):
    look(looked_at, "/")
    for opened in ("#view", "#bell", "#menu-bob"):
        looked_at.size(WIDTHS[0])
        looked_at.press(f"{opened} > summary")
        assert faults(looked_at, within=opened) == []
    looked_at.keys("?")
    looked_at.until("document.querySelector('#panel .keys')")
    assert faults(looked_at, within="#panel") == []


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("name", pages.PAGES)
def test_every_word_of_a_page_is_there_without_scripts(looked_at, name):
    words = {}
    for scripts in (True, False):
        looked_at.scripts(on=scripts)
        try:
            looked_at.driver.get(looked_at.base + pages.PAGES[name])
            if scripts:
                pages.settle(looked_at)
            words[scripts] = set(re.findall(r"[^\W\d_]{3,}", looked_at.js(WORDS)))
        finally:
            looked_at.scripts(on=True)
    assert words[False]
    assert words[True] - words[False] == set()


@needs("chromium", "chromedriver")
def test_without_scripts_an_age_is_its_moment_in_utc(looked_at):
    age = "getComputedStyle(document.querySelector('.agents time[data-age]'), '::after').content"
    looked_at.scripts(on=False)
    try:
        looked_at.driver.get(looked_at.base + "/")
        assert re.fullmatch(r'"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"', looked_at.js(f"return {age}"))
    finally:
        looked_at.scripts(on=True)
    look(looked_at, "/")
    assert looked_at.js(f"return {age}") == "none"


@needs("chromium", "chromedriver")
def test_times_are_ages_or_moments_as_the_reader_chooses(looked_at):
    look(looked_at, "/")
    time = "document.querySelector('#agent-alice time[data-age]').innerText"
    assert re.fullmatch(r"\d+[smhd]|now", looked_at.js(f"return {time}"))
    for value, pattern in (("absolute", "[0-9]{2}:[0-9]{2}$"), ("relative", "^([0-9]+[smhd]|now)$")):
        looked_at.find("#view > summary").click()
        looked_at.find(f"#view button[value={value}]").click()
        looked_at.until(f"document.documentElement?.dataset.times === '{value}' && /{pattern}/.test({time})")


@needs("chromium", "chromedriver")
def test_without_a_choice_the_colours_are_those_that_the_browser_prefers(looked_at):
    looked_at.driver.delete_cookie("hive_theme")
    look(looked_at, "/")
    shown = {}
    for scheme in pages.THEMES:
        feature = [{"name": "prefers-color-scheme", "value": scheme}]
        looked_at.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": feature})
        shown[scheme] = looked_at.js("return getComputedStyle(document.documentElement).backgroundColor")
    looked_at.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert shown == {"dark": "rgb(17, 17, 27)", "light": "rgb(246, 247, 249)"}


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("name", ["approval", "stats", "agent", "dashboard"])
def test_a_printed_page_is_black_on_white_whole_and_without_controls(looked_at, name):
    look(looked_at, pages.PAGES[name])
    looked_at.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        shown = looked_at.js(
            "return [...document.querySelectorAll('button, input, select, textarea, nav')].filter((one) => one.checkVisibility()).length"
        )
        colours = looked_at.js(
            "const s = getComputedStyle(document.documentElement); return [s.color, s.backgroundColor]"
        )
        inner = "[...document.querySelectorAll('.scroller, .lines, .journal')].filter((one) => one.scrollHeight > one.clientHeight + 4).length"
        assert (shown, colours, looked_at.js(f"return {inner}")) == (0, ["rgb(0, 0, 0)", "rgb(255, 255, 255)"], 0)
    finally:
        looked_at.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@needs("chromium", "chromedriver")
def test_an_empty_hive_is_as_accessible_as_a_full_one(looked_at, hive):
    fake, _, _ = hive
    fake.agents, fake.messages, fake.turns, fake.live = {}, [], [], []
    fake.decisions.__init__(fake)
    fake.restart()
    try:
        for path in ("/", "/stats", "/decisions", "/search?q=nothing"):
            look(looked_at, path)
            assert faults(looked_at) == []
            assert cut(looked_at) == []
    finally:
        sample_rows.populate(fake)
        fake.restart()


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("name", pages.STRANGERS)
def test_what_a_stranger_sees_is_as_accessible(looked_at, hive, name):
    _, _, process = hive
    kept = looked_at.driver.get_cookies()
    looked_at.driver.delete_all_cookies()
    try:
        look(looked_at, pages.STRANGERS[name])
        assert faults(looked_at) == []
        assert cut(looked_at) == []
    finally:
        for cookie in kept:
            looked_at.driver.add_cookie(cookie)


def test_every_page_of_the_site_is_looked_at():
    """A new route of a page belongs into `pages.PAGES`, one of a fragment into `pages.PART_PATTERNS`."""
    seen = [re.sub(r"\?.*", "", path) for path in pages.PAGES.values()]
    for method, pattern, access, _ in ROUTES:
        if method != "GET" or access is Access.OPEN or pattern in pages.PART_PATTERNS:
            continue
        if not pattern.startswith(pages.PARTS):
            shape = re.sub(r"<[^>]+>", "[^/]+", pattern)
            assert any(re.fullmatch(shape, path) for path in seen), f"{pattern} is in no test of every page"
