"""Decisions in a real browser: by button, by key, by two operators at once."""

import threading

import pytest
from selenium.webdriver import Keys

from harness.wire.errors import HiveError
from tests.needs import needs
from tests.web.answers import decisions as fake_decisions
from tests.web.browser.chromium import Browser
from tests.web.browser.test_web_browser import CONTRAST, nothing_left_behind
from tests.web.browserless import TOKEN

__all__ = ["nothing_left_behind"]

pytestmark = pytest.mark.slow

NEED = "#need"
SHOWN = "/?need=approval-4"


def asked(fake, cmd):
    return [one for one in fake.asked if one["cmd"] == cmd]


@needs("chromium", "chromedriver")
def test_a_proposal_is_approved_by_its_button_and_the_outcome_comes_by_event(scene):
    fake, browser = scene
    browser.open(SHOWN)
    assert [words for words in ("+6", "−1", "agent.toml", "role.md") if words not in browser.text(NEED)] == []
    browser.press(f"{NEED} [data-action=approve] button")
    browser.until("!document.querySelector('#need-approval-4')")
    browser.until("document.querySelector('#decision-4').innerText.includes('being carried out')")
    fake.decisions.resolve(4, "approved", tag="deployed/4")
    browser.until("document.querySelector('#notices').textContent.includes('approval #4 of bob is deployed')")
    browser.until("document.querySelector('#approvals-ended #decision-4')")
    row = fake.decisions.approvals[4]
    seen = {"sha": row.sha, "base_sha": fake_decisions.SHA.format(0), "accepts": [], "undoes": []}
    (sent,) = asked(fake, "approve")
    assert sent.pop("session") > 0
    assert sent == {"cmd": "approve", "id": 4, "comments": []} | seen
    browser.find("#bell > summary").click()
    browser.find("#notices .notice button").click()
    browser.until("!document.querySelector('.notice')")


@needs("chromium", "chromedriver")
def test_a_proposal_is_opened_approved_and_denied_with_the_keyboard(scene):
    fake, browser = scene
    fake.decisions.propose("dave", "a second one")
    browser.open("/")
    for _ in range(3):
        browser.keys("j")
    browser.keys("k")
    browser.until("document.querySelector('#need').dataset.need === 'approval-4'")
    browser.until("document.querySelector('#of-need-approval-4 .lines')")
    assert asked(fake, "approve") == []
    browser.keys("a")
    browser.until("!document.getElementById('need-approval-4')")
    browser.until("document.querySelector('#of-need-approval-5 .lines')")
    browser.keys("d")
    browser.until("document.activeElement.name === 'note'")
    browser.keys("not <b>now</b>", Keys.ENTER)
    browser.until("!document.querySelector('.action-item-approval')")
    assert asked(fake, "deny")[0]["note"] == "not <b>now</b>"
    browser.until("document.querySelector('#approvals').textContent.includes('not <b>now</b>')")


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("width", [1400, 390])
def test_what_was_not_shown_is_opened_or_accepted_before_the_approval(scene, width):
    fake, browser = scene
    fake.decisions.reviews[4] = fake_decisions.hostile()
    browser.size(width)
    browser.open("/")
    assert browser.js(f"return document.querySelector('{NEED} [data-action=approve]')") is None
    browser.open("/?panel=/approval/4/")
    browser.until("document.querySelector('#panel .unshown')")
    assert browser.js("return [...document.querySelectorAll('#panel mark.hides')].map(one => one.innerText)") == [
        "\\u{202e}", "\\u{3164}", "\\u{fe0f}",
    ]  # fmt: skip
    assert "limits.pids is not enforced" in browser.text("#panel .remarks")
    assert "/srv/data (writable)" in browser.text("#panel .effective .widens")
    browser.press("#panel #part-aa11 a.button")
    browser.until("document.querySelector('#panel #part-aa11 [id^=more] a')")
    browser.press("#panel #part-aa11 [id^=more] a")
    browser.until("document.querySelector('#panel #part-aa11 input[type=hidden]')")
    browser.press("#panel input[value=bb22]")
    assert browser.js("return document.documentElement.scrollWidth") <= width
    browser.press("#panel [data-action=approve] button")
    browser.until("document.querySelector('#panel').innerText.includes('being carried out')")
    assert asked(fake, "approve")[0]["accepts"] == ["aa11", "bb22"]


@needs("chromium", "chromedriver")
def test_the_panel_changes_its_base_and_follows_the_outcome_of_the_proposal(scene):
    fake, browser = scene
    browser.open("/")
    browser.open("/?panel=/approval/4/")
    browser.until("document.querySelector('#panel .diff .add .code')?.innerText === 'packages = [\"ripgrep\"]'")
    browser.press("#panel .bases a:nth-of-type(2)")
    browser.until("document.querySelector('#panel .diff .add .code')?.innerText === '# second'")
    browser.press("#panel .bases a:nth-of-type(3)")
    browser.until("document.querySelector('#panel .same')?.innerText.includes('the same as the proposal before it')")
    fake.decisions.resolve(4, "denied", note="by somebody else")
    browser.until("document.querySelector('#panel').innerText.includes('by somebody else')")
    assert browser.js("return document.querySelector('#panel [data-action=approve]')") is None
    assert "tone-calm" in browser.js("return document.querySelector('#panel .state').className")


@needs("chromium", "chromedriver")
def test_of_two_operators_who_decide_at_once_the_later_sees_a_refusal(scene, hive, tmp_path, monkeypatch):
    fake, browser = scene
    other, gone = Browser(tmp_path / "other"), threading.Event()
    answer = fake._answer
    # The denial is under way while the approval is taken and its event removes the row that was clicked.
    monkeypatch.setattr(fake, "_answer", lambda request: (request.cmd != "deny" or gone.wait(8)) and answer(request))
    try:
        other.log_in(hive[2].url, TOKEN)
        other.open(SHOWN)
        browser.open(SHOWN)
        other.press(f"{NEED} [data-action=deny] > summary")
        other.press(f"{NEED} [data-action=deny] button.danger")
        other.until("document.querySelector('#need [data-action=deny] form.htmx-request')")
        browser.press(f"{NEED} [data-action=approve] button")
        for one in (browser, other):
            one.until("!document.querySelector('#need-approval-4')")
        gone.set()
        other.until(
            "document.querySelector('#refusals .refusal')?.innerText.includes('approval 4 was approved already')"
        )
        assert browser.text("#refusals") == ""
        other.press("#refusals [data-dismiss]")
        assert other.text("#refusals .refusal") is None
        assert fake.decisions.approvals[4].status == "approved"
    finally:
        gone.set()
        other.close()


@needs("chromium", "chromedriver")
def test_a_question_is_answered_with_a_choice_and_a_text(scene):
    fake, browser = scene
    fake.decisions.questions[2] = fake.decisions.questions[2].model_copy(update={"free_text": True})
    browser.open("/?need=question-2")
    browser.find("#text-need-2").send_keys("but look at main")
    browser.press("#need .option[value=dev]")
    browser.until("!document.querySelector('#need-question-2')")
    assert fake.decisions.questions[2].answer == "dev, but look at main"
    browser.press("#reply-3 > summary")
    browser.until("document.activeElement.id === 'text-list-3'")
    browser.press("#choice-list-3-0")
    browser.press("#choice-list-3-2")
    browser.press("#answer-list-3 button")
    browser.until("!document.querySelector('#question-3:not(.ended)')")
    assert fake.decisions.questions[3].answer == "day, mean"


@needs("chromium", "chromedriver")
def test_the_countdown_ticks_and_typing_an_answer_survives_updates(scene):
    fake, browser = scene
    fake.decisions.questions[2] = fake.decisions.questions[2].model_copy(update={"free_text": True})
    number = fake.decisions.ask("alice", "and this one?", options=["x", "y"], seconds=3000)
    browser.open("/?need=question-2")
    clock = f"document.querySelector('#need-question-{number} [data-countdown]').innerText"
    first = browser.js(f"return {clock}")
    field = browser.find("#text-need-2")
    field.send_keys("half a sen")
    browser.js("document.querySelector('#text-need-2').setSelectionRange(2, 4)")
    browser.until(f"{clock} < arguments[0]", first)
    browser.js("const now = Date.now; Date.now = () => now() + 3_000_000")
    browser.until(f"{clock} === '00:00' && document.querySelector('#need-question-{number} .countdown.over')")
    fake.decisions.end(number, "expired")
    browser.until(f"!document.querySelector('#need-question-{number}')")
    fake.decisions.propose("dave", "one more above")
    browser.until("document.querySelector('#need-approval-5')")
    state = browser.js("const f = document.activeElement; return [f.id, f.value, f.selectionStart, f.selectionEnd]")  # fmt: skip
    assert state == ["text-need-2", "half a sen", 2, 4]
    browser.until("document.querySelector('#notices').textContent.includes('was not answered in time')")
    browser.js("document.querySelector('#search').focus()")
    fake.decisions.propose("alice", "and another")
    browser.until("document.querySelector('#need-approval-6')")
    assert browser.js("return document.querySelector('#text-need-2').value") == "half a sen"


@needs("chromium", "chromedriver")
def test_a_failed_read_shows_its_error_until_the_retry_works(scene):
    fake, browser = scene
    browser.open("/")
    fake.refuse["pending"] = HiveError("internal", "a row is not understood", "hive doctor")
    fake.emit("approval", {"id": 4, "agent": "bob"})
    browser.until("document.querySelector('#approvals .read-error')?.innerText.includes('a row is not understood')")
    browser.until("document.querySelector('#needs .read-error')?.innerText.includes('approvals could not be read')")
    assert "carol" in browser.text("#needs")
    del fake.refuse["pending"]
    browser.press("#approvals [data-retry]")
    browser.until("document.querySelector('#approvals [href*=approval-4]')")
    browser.press("#needs [data-retry]")
    browser.until("document.querySelector('#need-approval-4')")


@needs("chromium", "chromedriver")
def test_reminders_tombstones_and_proposals_change_with_the_action_on_them(scene):
    fake, browser = scene
    browser.open("/")
    browser.press("#reminder-2 [data-action='retry-reminder'] button")
    browser.until("!document.querySelector('#reminder-2 .note')")
    browser.press("#reminder-1 [data-action='cancel-reminder'] button")
    browser.until("!document.querySelector('#reminder-1')")
    browser.press("#purge-zed > summary")
    browser.until("document.activeElement.id === 'purge-typed-zed'")
    browser.keys("zed", Keys.ENTER)
    browser.until("!document.querySelector('#tombstone-zed')")
    browser.press("#tombstone-old-one [data-action=revive] button")
    browser.until(
        "document.querySelector('.action-item-approval .agent-name') && document.querySelector('#needs').innerText.includes('old-one')"
    )
    browser.press("#spawn > summary")
    browser.until("document.activeElement.id === 'spawn-name'")
    browser.keys("fay", Keys.TAB, "for <tests>", Keys.ENTER)
    browser.until("document.querySelector('#needs').innerText.includes('for <tests>')")


@needs("chromium", "chromedriver")
def test_update_all_asks_once_and_says_what_is_planned(scene):
    fake, browser = scene
    browser.open("/actors")
    browser.press(".update-all button")
    browser.driver.switch_to.alert.dismiss()
    browser.press(".update-all button")
    browser.driver.switch_to.alert.accept()
    browser.until("document.querySelector('.update-all .outcome')?.innerText.includes('2 planned, the manager first')")
    assert asked(fake, "rebuild_all") == [{"cmd": "rebuild_all", "now": False}]


@needs("chromium", "chromedriver")
def test_notifications_are_one_for_each_event_and_only_for_what_is_new(scene):
    fake, browser = scene
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["notifications"]})
    try:
        browser.open("/actors")
        browser.js("""
            window.shown = [];
            const real = Notification;
            window.Notification = class { constructor(title, options) { shown.push([title, options.tag]); } static get permission() { return real.permission; } };
        """)  # fmt: skip
        assert "on" in browser.text("[data-notify]")
        number = fake.decisions.propose("dave", "a burst")
        fake.decisions.ask("alice", "really?")
        fake.say("alice", "operator", "look")
        browser.until("shown.length === 3")
        tags = browser.js("return shown.map((one) => one[1]).sort()")
        assert tags == [f"hive-approval-{number}", f"hive-mail-{fake.messages[-1].id}", "hive-question-4"]
        browser.press("[data-notify-button]")
        browser.until("document.querySelector('[data-notify]').innerText.includes('muted')")
        fake.decisions.propose("dave", "in silence")
        browser.until("document.querySelector('[data-action-count]').innerText.startsWith('8')")
        browser.press("[data-notify-button]")
        assert browser.js("return shown.length") == 3
    finally:
        browser.driver.execute_cdp_cmd("Browser.resetPermissions", {})


@needs("chromium", "chromedriver")
def test_charts_are_drawn_and_grow_with_new_turns(scene):
    fake, browser = scene
    browser.open("/stats")
    browser.until("document.querySelectorAll('.uplot canvas').length >= 9")
    browser.js("document.querySelector('#chart-turns canvas').mark = 'the same canvas'")
    now = fake.now_ms()
    fake.decisions.series["alice"]["turns"] += [[now - n, 9] for n in range(5)]
    fake.emit("turn", {"agent": "alice", "stats": {}})
    browser.until("document.querySelector('#chart-turns figcaption').innerText.includes('at most 4')")
    assert browser.js("return document.querySelector('#chart-turns canvas').mark") == "the same canvas"


@needs("chromium", "chromedriver")
def test_hostile_text_stays_text_in_every_decision(scene):
    fake, browser = scene
    evil = "<img src=x onerror=\"window.faults.push('ran')\"><script>window.faults.push('ran')</script>"
    diff = f"diff --git a/{evil} b/{evil}\n--- a/{evil}\n+++ b/{evil}\n@@ -1 +1 @@\n-{evil}\n+{evil}{evil}\n"
    browser.open("/")
    number = fake.decisions.propose("alice", evil, diff=diff)
    fake.decisions.ask("alice", evil, options=[evil, "y"], seconds=60)
    fake.decisions.remind("alice", evil, seconds=60, error=evil, attempts=1)
    fake.emit("notice", {"level": "error", "text": evil})
    for place in (f"#need-approval-{number}", "#need-question-4", "#reminder-3", "#notices"):
        browser.until("document.querySelector(arguments[0])?.textContent.includes('<img src=x')", place)
    browser.press(f"#need-approval-{number} a")
    browser.until("document.querySelector('#need .path')?.innerText.includes('<img')")
    assert browser.text("#need .diff .add .code") == evil + evil
    fake.decisions.configs["alice"]["config_log"][0] |= {"subject": evil, "author": evil}
    browser.open("/config/alice/")
    assert evil in browser.text("#config-log")


@needs("chromium", "chromedriver")
@pytest.mark.parametrize(
    "path", ["/", "/approval/4/", "/config/bob/?base=main&ref=denied/2", "/agent/bob/?tab=loose", "/stats"]
)
def test_no_page_is_wider_than_the_screen_and_every_text_has_contrast(scene, path):
    _, browser = scene
    for width in (360, 700):
        browser.size(width, 740)
        browser.open(path)
        browser.js("for (const one of document.querySelectorAll('details')) one.open = true")
        inner = browser.js("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert inner[0] <= inner[1] <= width
    assert browser.js(CONTRAST) == []
    for theme in ("light", "dark"):
        browser.js("document.documentElement.dataset.theme = arguments[0]", theme)
        assert browser.js(CONTRAST) == []
