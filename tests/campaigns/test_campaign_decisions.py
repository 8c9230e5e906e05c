"""The whole way of a change, by button: the real Claude commits in its container, the operator decides in Chromium."""

import pytest

from actors.agent.workspace.paths import Workspace
from actors.cli.demo.decisions import NOTE, REQUEST
from harness.rehearsal.script import load
from tests.campaigns.real_hive import RealHive
from tests.needs import needs
from tests.web.browser.chromium import Browser
from tests.web.browser.test_web_browser import nothing_left_behind

__all__ = ["nothing_left_behind"]


class DemoHive(RealHive):
    """Its model plays the demo's script."""

    def __init__(self):
        super().__init__(*(rule.model_dump(exclude_none=True) for rule in load("demo")), web=True)

    def url(self):
        return f"http://127.0.0.1:{self.settings['web_port']}"

    def token(self):
        return (self.state / "operator.token").read_text().strip()


@pytest.mark.slow
@needs("bwrap", "chromium", "chromedriver")
def test_a_newcomer_comes_to_be_and_a_change_does_not_all_by_button(tmp_path):
    with DemoHive() as hive:
        hive.spawn("alice", "bob")
        browser = Browser(tmp_path)
        try:
            browser.log_in(hive.url(), hive.token())
            hive.send("manager", REQUEST)
            newcomer = "#need-approval-1"
            browser.until(f"document.querySelector('{newcomer}')")
            assert "carol" in browser.text(newcomer)
            browser.until("document.querySelector('#need-approval-2')")
            browser.press(f"{newcomer} a")
            browser.until("document.querySelector('#of-need-approval-1 [data-action=approve]')")
            browser.press("#need [data-action=approve] button")
            browser.until(f"!document.querySelector('{newcomer}')")
            hive.until(lambda: "carol" in hive.ask("list")["agents"])
            browser.open("/approval/1/")
            browser.until("document.body.innerText.includes('allowedRecipients')")
            hive.until(lambda: hive.query("SELECT 1 FROM questions WHERE asker = 'carol'"))
            browser.open("/")
            deny(browser, 2, NOTE)
            hive.until(lambda: hive.ask("pending")["approvals"][-1]["status"] == "denied")
            answer(browser, 1, 1)
            greeted = (
                "SELECT 1 FROM messages WHERE sender = 'carol' AND recipient = 'operator' AND body LIKE 'A good day%'"
            )
            hive.until(lambda: hive.query(greeted))
            [spawned, denied] = hive.ask("pending")["approvals"]
            assert (spawned["status"], spawned["tag"]) == ("approved", "deployed/1")
            assert (denied["status"], denied["note"]) == ("denied", NOTE)
            log = hive.ask("config_log", name="carol")["rows"]
            assert "hm1nd" in str(log[0])
            assert Workspace(hive.state, hive.run).of("carol").applied_config.is_file()
            assert browser.js("return window.faults") == []
        finally:
            browser.close()


def deny(browser, number, why):
    """Say no with a reason, as a person does."""
    row = f"#need-approval-{number}"
    browser.until(f"document.querySelector('{row}')")
    browser.press(f"{row} a")
    browser.until(f"document.querySelector('#of-need-approval-{number} [data-action=deny]')")
    browser.press("#need [data-action=deny] summary")
    browser.until("document.querySelector('#need [data-action=deny] [name=note]')?.checkVisibility()")
    browser.find("#need [data-action=deny] [name=note]").send_keys(why)
    browser.press("#need [data-action=deny] button.danger")
    browser.until(f"!document.querySelector('{row}')")


def answer(browser, number, place):
    """Pick one of the options and send it."""
    row = f"#need-question-{number}"
    browser.until(f"document.querySelector('{row}')")
    browser.press(f"{row} a")
    browser.until(f"document.querySelector('#of-need-question-{number} .option')")
    browser.press(f"#need .option:nth-of-type({place})")
    browser.until(f"!document.querySelector('{row}')")
