"""The charts in the browser: drawn, told by tables, and readable without scripts."""

import pytest

from harness.wire import times
from tests.needs import needs

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


PAINTED = """
const plot = document.querySelector(arguments[0] + ' canvas');
if (!plot) { return -1; }
const { width, height } = plot;
const pixels = plot.getContext('2d').getImageData(0, 0, width, height).data;
const probe = document.body.appendChild(document.createElement('i'));
probe.style.color = 'var(--out)';
const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
let found = 0;
for (let at = 0; at < pixels.length; at += 4) {
  found += Math.abs(pixels[at] - r) + Math.abs(pixels[at + 1] - g) + Math.abs(pixels[at + 2] - b) < 30 ? 1 : 0;
}
return found;
"""


@needs("chromium", "chromedriver")
def test_a_lone_value_is_a_point_one_can_see(scene):
    fake, browser = scene
    now = fake.now_ms()
    fake.decisions.series = {
        "alice": {"turn_duration_ms": [[now - 1_800_000, 4000]], "tool_calls": [[now - 1_800_000, 4]]}
    }
    browser.open("/stats")
    browser.until("document.querySelector('#chart-tools canvas')")
    assert browser.js(PAINTED, "#chart-tools") > 8
    browser.find("#figures-tools summary").click()
    assert "4" in browser.text("#figures-tools tbody")


@needs("chromium", "chromedriver")
def test_the_time_since_the_last_turn_ticks_without_a_request(scene):
    fake, browser = scene
    ended = times.from_ms(fake.now_ms())
    fake.agents["alice"] = fake.agents["alice"].model_copy(update={"last_turn": {"ended_at": ended, "outcome": "ok"}})
    browser.open("/stats")
    shown = f"Number(document.querySelector('#chart-silence time[datetime=\"{ended}\"]').textContent.replace('s', ''))"
    browser.until(f"{shown} > 1")
    fake.asked.clear()
    before = browser.js(f"return {shown}")
    browser.until(f"{shown} > arguments[0] + 1", before)
    assert [frame for frame in fake.asked if frame["cmd"] == "stats"] == []


@needs("chromium", "chromedriver")
def test_every_chart_can_be_read_without_scripts(scene):
    _, browser = scene
    browser.scripts(on=False)
    try:
        browser.open("/stats", live=False)
        figures = browser.driver.find_elements("css selector", ".chart .figures")
        assert len(figures) > 9
        for one in figures:
            if not one.find_element("css selector", "table").is_displayed():
                one.find_element("css selector", "summary").click()
            assert one.find_element("css selector", "tbody tr th").text
            assert one.find_element("css selector", "tbody tr td").text
    finally:
        browser.scripts(on=True)
