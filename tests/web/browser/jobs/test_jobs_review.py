"""The operator's jobs about changes, counted in actions: a click or a key is one, typed words are none."""

import pytest
from selenium.webdriver import Keys

from harness.wire.operator_api.approvals import UndoPreview
from tests.needs import needs
from tests.web.browser.test_web_browser import nothing_left_behind

__all__ = ["nothing_left_behind"]

pytestmark = pytest.mark.slow

DOWN, UP = Keys.ARROW_DOWN, Keys.ARROW_UP


class Counted:
    """A browser that counts what the operator does."""

    def __init__(self, browser):
        self.browser = browser
        self.actions = 0

    def press(self, selector):
        self.actions += 1
        self.browser.press(selector)

    def key(self, *keys):
        self.actions += len(keys)
        for key in keys:
            self.browser.keys(key)

    def chord(self, *keys):
        """Keys at once: one action."""
        self.actions += 1
        self.browser.keys(*keys)

    def type(self, words):
        self.browser.keys(words)


@pytest.fixture
def operator(scene):
    return Counted(scene[1])


def asked(fake, cmd):
    return [one for one in fake.asked if one["cmd"] == cmd]


@needs("chromium", "chromedriver")
def test_approve_after_the_diff_in_two_actions(scene, operator):
    fake, browser = scene
    browser.open("/approval/4/")
    assert "ripgrep" in browser.text(".diff")
    operator.key("a")
    browser.until("document.querySelector('.review').innerText.includes('being carried out')")
    assert operator.actions <= 2
    assert [one["id"] for one in asked(fake, "approve")] == [4]
    browser.until("/approved by operator .*session \\d+/.test(document.querySelector('.decided').innerText)")


@needs("chromium", "chromedriver")
def test_deny_with_two_comments_on_lines_by_keyboard_alone(scene, operator):
    fake, browser = scene
    browser.open("/approval/4/")
    operator.key("]", "c")
    browser.until("document.activeElement.matches('[data-write] textarea')")
    operator.type("keep the list empty")
    operator.chord(Keys.CONTROL, Keys.ENTER)
    browser.until("document.querySelector('.comment.draft')?.innerText.includes('keep the list empty')")
    browser.until("!document.querySelector('[data-write]') && document.activeElement.matches('.lines')")
    operator.key(DOWN, DOWN, "c")
    browser.until("document.activeElement.matches('[data-write] textarea')")
    operator.type("and why an empty line?")
    operator.chord(Keys.CONTROL, Keys.ENTER)
    browser.until("document.querySelectorAll('.comment.draft').length === 2")
    browser.until("!document.querySelector('[data-write]')")
    operator.key("d")
    browser.until("document.activeElement.name === 'note'")
    operator.type("see the lines")
    operator.key(Keys.ENTER)
    browser.until("document.querySelector('.review .state').innerText.includes('denied')")
    assert operator.actions == 9, "for each comment: go there, c, keep; and d, Enter"
    kept = [one["comment"] for one in asked(fake, "comment")]
    assert [(one["side"], one["line"], one["text"]) for one in kept] == [
        ("old", 2, "keep the list empty"), ("new", 3, "and why an empty line?"),
    ]  # fmt: skip
    assert asked(fake, "deny")[0]["note"] == "see the lines"
    assert browser.js("return document.querySelectorAll('.comment.sent').length") == 2


@needs("chromium", "chromedriver")
def test_a_comment_is_written_by_mouse_in_the_panel_and_a_second_browser_sees_it(scene, operator):
    fake, browser = scene
    browser.open("/stats?panel=%2Fapproval%2F4%2F")
    browser.until("document.querySelector('#panel .diff')")
    operator.press("#panel .diff tr.add td.no:nth-child(2)")
    browser.until("document.activeElement.matches('#panel [data-write] textarea')")
    operator.type("half a thought")
    fake.decisions.comments.add(4, text="from the other browser", line=3)
    browser.until("document.querySelector('#panel .review').innerText.includes('from the other browser')")
    assert browser.js("return document.querySelector('#panel [data-write] textarea').value") == "half a thought"
    assert browser.js("return document.activeElement.matches('#panel [data-write] textarea')")
    operator.press("#panel [data-write] button.main")
    browser.until("document.querySelector('#panel .review').innerText.includes('half a thought')")
    browser.until("!document.querySelector('#panel [data-write]')")
    operator.press("#panel #edit-comment-2 > summary")
    browser.find("#panel #words-2").clear()
    browser.find("#panel #words-2").send_keys("a whole one")
    operator.press("#panel #edit-comment-2 button")
    browser.until("document.querySelector('#panel #comment-2 .words').innerText === 'a whole one'")
    operator.press("#panel form[action='/drop-comment/4'] button")
    browser.until("document.querySelectorAll('#panel .comment').length === 1")
    assert not browser.js("return document.querySelector('#panel').hidden")


@needs("chromium", "chromedriver")
def test_escape_closes_the_field_and_not_the_panel(scene, operator):
    _, browser = scene
    browser.open("/stats?panel=%2Fapproval%2F4%2F")
    browser.until("document.querySelector('#panel .diff')")
    operator.key("c")
    browser.until("document.activeElement.matches('#panel [data-write] textarea')")
    operator.key(Keys.ESCAPE)
    browser.until("!document.querySelector('#panel [data-write]')")
    assert not browser.js("return document.querySelector('#panel').hidden")
    operator.key("]", "]", "[")
    assert browser.js("return document.querySelectorAll('#panel tr[data-current]').length") == 1


@needs("chromium", "chromedriver")
def test_a_file_is_viewed_by_key_and_folded_here_and_in_another_browser(scene, operator):
    fake, browser = scene
    browser.open("/approval/4/")
    operator.key("v")
    browser.until("document.querySelector('.file [aria-pressed=true]')")
    assert browser.js("return [...document.querySelectorAll('.file')].map((one) => one.open)") == [False, True]
    operator.key("v")
    browser.until("document.querySelectorAll('.file [aria-pressed=true]').length === 2")
    browser.open("/approval/4/")
    assert browser.js("return [...document.querySelectorAll('.file')].map((one) => one.open)") == [False, False]
    assert len(fake.decisions.comments.viewed[4]) == 2


@needs("chromium", "chromedriver")
def test_the_layout_is_in_the_address_and_back_returns_to_the_one_before(scene, operator):
    _, browser = scene
    browser.open("/approval/4/")
    operator.press(".layouts a:nth-of-type(2)")
    browser.until("document.querySelector('.diff.split')")
    assert browser.js("return location.search") == "?view=split"
    operator.press(".layouts a:nth-of-type(1)")
    browser.until("document.querySelector('.diff.unified')")
    browser.driver.back()
    browser.until("document.querySelector('.diff.split')")
    browser.open("/approval/1/")
    assert browser.text(".layouts [aria-current]") == "side by side", "this browser remembers it"


@needs("chromium", "chromedriver")
def test_a_comment_is_written_and_kept_without_scripts(scene):
    fake, browser = scene
    browser.scripts(on=False)
    try:
        browser.open("/approval/4/", live=False)
        browser.find(".write-at input[name=line]").send_keys("4", Keys.ENTER)
        browser.until_text("[data-write] label", lambda text: "new line 4" in text)
        browser.find("[data-write] textarea").send_keys("plain")
        browser.find("[data-write] button.main").click()
        browser.until_text(".comment", lambda text: "plain" in text)
    finally:
        browser.scripts(on=True)
    assert asked(fake, "comment")[0]["comment"]["line"] == 4


@needs("chromium", "chromedriver")
def test_undo_a_change_in_two_actions_from_the_log_and_from_the_agent(scene, operator):
    fake, browser = scene
    for number, place in enumerate(("/config/bob/", "/agent/bob/?tab=config", "/approval/1/"), start=1):
        browser.open(place)
        before = operator.actions
        operator.press("a[data-action=undo]")
        browser.until("document.querySelector('#panel .diff')")
        assert "goes through the queue" in browser.text("#panel")
        operator.key("a")
        browser.until("document.querySelector('#panel .outcome')?.innerText.includes('undoes it')")
        assert operator.actions - before == 2
        assert len(asked(fake, "undo")) == number
    assert asked(fake, "undo")[0]["base_sha"] == fake.decisions.answer(UndoPreview(id=1)).base_sha
    assert asked(fake, "undo")[0]["session"] > 0


@needs("chromium", "chromedriver")
def test_an_undo_with_conflicts_says_so_before_and_has_no_button(scene, operator):
    fake, browser = scene
    words = "later changes are in the same lines of agent.toml"
    fake.decisions.undos[1] = {"obstacle": words, "hint": "edit it by hand", "conflicts": ["agent.toml"]}
    browser.open("/approval/1/")
    operator.press("a[data-action=undo]")
    browser.until("document.querySelector('#panel').innerText.includes('it cannot be undone')")
    assert words in browser.text("#panel")
    assert browser.js("return document.querySelector('#panel form[action=\"/undo/1\"]')") is None
    assert (
        browser.js("return document.querySelector('#panel .files a').getAttribute('href')")
        == "/config/alice/?edit=agent.toml"
    )


@needs("chromium", "chromedriver")
def test_which_configuration_is_in_force_and_who_approved_it_in_one_action(scene, operator):
    _, browser = scene
    browser.open("/agent/bob/")
    operator.press(".tabs a[href*='tab=config']")
    browser.until("document.querySelector('.decided-line')")
    shown = browser.text(".decided-line")
    assert [
        words
        for words in ("approved by operator (uid 7, session 3)", "approval #1", "as we said")
        if words not in shown
    ] == []
    assert operator.actions == 1
    browser.open("/config/bob/")
    assert "approved by operator (uid 7, session 3)" in browser.text("#config-log")
