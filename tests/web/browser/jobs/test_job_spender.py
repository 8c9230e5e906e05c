"""A job: stop the agent that spends most, in three actions."""

import pytest

from tests.needs import needs
from tests.web.browser.jobs.actions import Operator

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


@needs("chromium", "chromedriver")
def test_the_agent_that_spends_most_is_found_and_paused_in_three_actions(scene):
    fake, browser = scene
    browser.open("/")
    operator = Operator(browser)
    dearest = max(fake.agents.values(), key=lambda row: row.cost_today_usd or 0).name
    operator.click("#containers .sorts a[href*='sort=cost']")
    browser.until(f"document.querySelector('#containers [id^=agent-]').id === 'agent-{dearest}'")
    operator.click(f"#agent-{dearest} .menu > summary, #agent-{dearest} [data-menu]")
    operator.click(f"#agent-{dearest} form.action-pause button")
    browser.until(f"document.querySelector('#agent-{dearest} .c-state').innerText.includes('paused')")
    assert {"cmd": "set_paused", "name": dearest, "paused": True} in fake.asked
    assert operator.actions == 3
