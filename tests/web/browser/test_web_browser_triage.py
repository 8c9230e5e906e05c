"""N33DS Y0U by keyboard: a hive of 100 agents with 25 needs is worked off, with at most two actions each."""

import pytest
from selenium.webdriver import Keys

from tests.needs import needs
from tests.web.answers.crowd import crowd
from tests.web.browser.controls import COVERED

pytestmark = pytest.mark.slow

KINDS = {
    "failed": 2, "stuck": 2, "failing": 1, "dead-letter": 1, "login": 1, "question": 6, "approval": 12,
}  # fmt: skip


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Replaces the check after each test: a browser has processes of its own, which are checked at its end."""


@pytest.fixture
def triage(scene):
    fake, browser = scene
    crowd(fake)
    fake.restart()
    fake.asked.clear()
    browser.open("/")
    return Operator(fake, browser)


class Operator:
    """Presses keys and counts them: a key is an action, and typing a text is none."""

    def __init__(self, fake, browser):
        self.fake, self.browser, self.actions = fake, browser, 0

    def press(self, *keys):
        for key in keys:
            self.actions += 1
            self.browser.keys(key)

    def type(self, text):
        self.browser.keys(text)

    def wait(self, condition, *arguments):
        return self.browser.until(condition, *arguments)

    @property
    def shown(self):
        return self.browser.js("return document.querySelector('#need').dataset.need")

    def show(self, key):
        """The item is beside the list, with its controls."""
        self.wait(
            "document.querySelector('#need').dataset.need === arguments[0]"
            " && document.getElementById('of-need-' + arguments[0])?.inert === false"
            " && document.querySelectorAll('#need > [id^=of-need-]').length === 1",
            key,
        )

    def items(self):
        return self.browser.js(
            "return [...document.querySelectorAll('#needs ol.action-items a[data-need]')].map((one) => one.dataset.need)"
        )

    def decide(self, key):
        """What an operator presses for an item of this kind."""
        kind = key.rpartition("-")[0]
        number = key.rpartition("-")[2]
        if kind == "login":
            self.press("a")
            self.wait("document.activeElement.matches('#need input[name=value]')")
            self.type("the code")
            self.press(Keys.ENTER)
        elif kind == "question" and int(number) % 2 == 0:
            self.press("r")
            self.type("dev")
            self.press(Keys.ENTER)
        elif kind == "question":
            self.press("1")
        elif kind == "approval" and int(number) % 4 == 0:
            self.press("d")
            self.type("not now")
            self.press(Keys.ENTER)
        else:
            self.press("a")


@needs("chromium", "chromedriver")
def test_twenty_five_needs_of_a_hundred_agents_are_decided_by_keyboard_with_at_most_two_actions_each(triage):
    found = triage.items()
    assert len(found) == sum(KINDS.values()) == 25
    assert {kind: sum(key.startswith(kind + "-") for key in found) for kind in KINDS} == KINDS
    triage.press("k")
    triage.show(found[0])
    for place, key in enumerate(found):
        triage.show(key)
        before = triage.actions
        triage.decide(key)
        following = found[place + 1] if place + 1 < len(found) else None
        if following is not None:
            triage.show(following)
            assert triage.wait("document.activeElement.dataset.need === arguments[0]", following), key
        assert triage.actions - before <= 2, key
    triage.wait("document.querySelector('#needs .quiet-line')")
    decisions = triage.fake.decisions
    assert {row.status for row in decisions.approvals.values()} == {"approved", "denied"}
    assert [row.note for row in decisions.approvals.values() if row.status == "denied"] == ["not now"] * 3
    assert [row.answer for row in decisions.questions.values()] == ["main", "dev"] * 3
    assert decisions.dead_letters == {}
    assert not triage.fake.agents["agent06"].needs_login
    assert {triage.fake.agents[f"agent{n:02d}"].state for n in range(1, 6)} == {"idle"}
    assert triage.browser.text("#needs").endswith("\n✓ nothing needs you")
    assert (
        triage.browser.js("return document.querySelectorAll('#needs a, #needs button, #need a, #need button').length")
        == 0
    )


@needs("chromium", "chromedriver")
def test_what_was_decided_and_what_is_next_is_announced_and_the_tree_of_accessibility_tells_the_list(triage):
    tree = triage.browser.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    by_id = {node["nodeId"]: node for node in tree}

    def below(node):
        for child in node.get("childIds", []):
            if child in by_id:
                yield by_id[child]
                yield from below(by_id[child])

    def named(role, words):
        return next(
            node for node in tree if node["role"]["value"] == role and words in node.get("name", {}).get("value", "")
        )

    items = named("list", "25 items, the most urgent first")
    links = [node["name"]["value"] for node in below(items) if node["role"]["value"] == "link"]
    assert len(links) == 25
    assert links[0].startswith("parked agent04")
    assert links[7].startswith("question #1 agent31")
    region = named("region", "parked agent04")
    controls = [
        node["name"]["value"] for node in below(region) if node["role"]["value"] in ("button", "DisclosureTriangle")
    ]
    assert [name.split()[0] for name in controls] == ["snooze", "delegate", "start"]
    order = [node["nodeId"] for node in below(tree[0])]
    assert order.index(items["nodeId"]) < order.index(region["nodeId"])
    triage.press("a")
    said = triage.wait("document.querySelector('#announcements').innerText.includes('Next of 24') && document.querySelector('#announcements').innerText")  # fmt: skip
    assert said.startswith("parked agent04")
    assert "starting" in said
    assert "failed agent05" in said
    assert triage.browser.js("return document.querySelector('#announcements').getAttribute('aria-live')") == "polite"


@needs("chromium", "chromedriver")
def test_the_choice_stands_in_the_address_and_back_works(triage):
    browser, found = triage.browser, triage.items()
    browser.press(f"a[data-need='{found[3]}']")
    triage.show(found[3])
    browser.press(f"a[data-need='{found[9]}']")
    triage.show(found[9])
    assert browser.js("return new URLSearchParams(location.search).get('need')") == found[9]
    browser.driver.back()
    triage.show(found[3])
    assert browser.js("return document.querySelector('#needs [aria-current]').dataset.need") == found[3]
    browser.open(f"/?need={found[9]}")
    triage.show(found[9])


@needs("chromium", "chromedriver")
def test_an_item_is_put_off_with_two_keys_shown_as_snoozed_and_brought_back_with_u(triage):
    found = triage.items()
    triage.press("j")
    triage.show(found[1])
    triage.press("s")
    triage.wait("document.activeElement.innerText === 'until it changes'")
    triage.press(Keys.ENTER)
    triage.show(found[2])
    triage.wait("document.querySelector('#snoozed > summary')?.innerText.startsWith('snoozed (1)')")
    assert list(triage.fake.snoozes) == [found[1]]
    triage.press("u")
    triage.wait("!document.querySelector('#snoozed')")
    assert triage.fake.snoozes == {}
    assert found[1] in triage.items()


@needs("chromium", "chromedriver")
def test_an_item_is_delegated_to_the_manager_with_its_facts(triage):
    found = triage.items()
    triage.press("j", "j")
    triage.show(found[2])
    triage.press("M")
    triage.wait("document.activeElement.id === 'delegate-note'")
    triage.type("find out why")
    triage.press(Keys.ENTER)
    triage.show(found[3])
    mail = triage.fake.messages[-1]
    assert (mail.from_, mail.to) == ("operator", "manager")
    assert mail.body.startswith("find out why\n\nstuck of agent02")
    assert found[2] in triage.fake.snoozes


@needs("chromium", "chromedriver")
def test_what_the_operator_types_stays_while_the_list_changes_under_it(triage):
    triage.browser.open("/?need=question-2")
    triage.show("question-2")
    triage.press("r")
    triage.type("half an ans")
    triage.fake.set_agent("agent50", state="stuck", since=triage.fake.decisions.ago(9_000))
    triage.wait("document.querySelector('#need-stuck-agent50')")
    triage.fake.decisions.resolve(1, "cancelled")
    triage.wait("!document.querySelector('#need-approval-1')")
    triage.type("wer")
    assert triage.shown == "question-2"
    assert triage.browser.js("return document.activeElement.value") == "half an answer"


@needs("chromium", "chromedriver")
def test_a_more_urgent_item_does_not_replace_the_one_that_is_shown(triage):
    found = triage.items()
    triage.fake.set_agent("agent60", suspended="its requests crashed the hive twice")
    triage.wait("document.querySelector('#need-suspended-agent60')")
    assert triage.items()[0] == "suspended-agent60"
    assert triage.shown == found[0]
    assert triage.browser.js("return document.querySelector('#needs [aria-current]').dataset.need") == found[0]


@needs("chromium", "chromedriver")
@pytest.mark.parametrize("width", [1400, 1024, 390])
def test_no_control_of_the_list_and_of_any_kind_of_item_is_covered(triage, width):
    browser = triage.browser
    browser.size(width)
    for kind in KINDS:
        key = next(one for one in triage.items() if one.startswith(kind + "-"))
        browser.open(f"/?need={key}")
        triage.show(key)
        assert browser.js(COVERED, ".triage") == [], key
        assert browser.js("return document.documentElement.scrollWidth") <= width


@needs("chromium", "chromedriver")
def test_reading_and_deciding_work_without_scripts(triage):
    browser = triage.browser
    browser.scripts(on=False)
    try:
        browser.open("/?need=question-1", live=False)
        browser.find("#need button[name=choice]").click()
        browser.until_text("#need", lambda text: "this is settled" in text)
    finally:
        browser.scripts(on=True)
    assert triage.fake.decisions.questions[1].answer == "main"


@needs("chromium", "chromedriver")
def test_who_needs_me_is_answered_by_the_page_itself(triage):
    assert triage.browser.text("[data-action-count]").startswith("25 need")
    assert len(triage.items()) == 25
    assert triage.actions == 0


@needs("chromium", "chromedriver")
def test_a_question_is_answered_in_one_action_where_it_has_options(triage):
    triage.browser.open("/?need=question-1")
    triage.show("question-1")
    triage.press("2")
    triage.wait("!document.querySelector('#need-question-1')")
    assert (triage.fake.decisions.questions[1].answer, triage.actions) == ("dev", 1)


@needs("chromium", "chromedriver")
def test_why_an_agent_is_stuck_is_read_after_two_actions_and_its_turn_is_cancelled_with_a_third(triage):
    triage.press("j", "j")
    triage.show("stuck-agent02")
    said = triage.browser.text("#need")
    assert "last tool: Bash npm test -- --watch, running for" in said
    assert "I cannot work" in said
    triage.press("a")
    triage.wait("!document.querySelector('#need-stuck-agent02')")
    assert {"cmd": "agent_control", "name": "agent02", "action": "cancel"} in triage.fake.asked
    assert triage.actions == 3
