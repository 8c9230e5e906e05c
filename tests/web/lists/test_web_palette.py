"""The palette: one table with the terminal's verbs, and what a line means."""

import json
import re
from urllib.parse import quote

import pytest

from harness.wire.errors import HiveError
from harness.wire.operator_rows import AgentRow
from tests.test_parity import addresses, rows
from web.pages.agent_tabs import TABS
from web.palette.answer import MOST
from web.palette.matching import meanings, rank
from web.palette.places import AGENT_TABS, PAGES
from web.palette.table import ACTIONS, ON_THEIR_PAGE, Target
from web.routes import ROUTES


def address_of(action):
    """The address of an action as docs/parity.md has it."""
    kind = "<name>" if action.target in (Target.AGENT, Target.TOMBSTONE, Target.DRAFT) else "<number>"
    return "POST " + action.address.replace("<target>", kind)


def asked(site, line):
    answer = site.get(f"/api/palette?q={quote(line)}")
    assert answer.status == 200
    return json.loads(answer.text)


def first(site, line):
    return asked(site, line)[0]


def test_every_address_that_changes_something_is_in_the_palette_or_has_a_reason():
    done = {address_of(action) for action in ACTIONS}
    posts = {one for one in addresses() if one.startswith("POST ")}
    assert done <= posts
    assert posts - done == set(ON_THEIR_PAGE)
    assert all(ON_THEIR_PAGE.values())


def test_the_words_of_the_terminal_find_the_action_of_the_same_verb():
    """Where a verb has both an action here and commands, the words of each command lead to the action."""
    compared = 0
    for page, terminal, _ in rows().values():
        actions = [action for action in ACTIONS if address_of(action) in page]
        for command in terminal if actions else ():
            words = [word for word in command.removeprefix("hive ").split() if word != "show"]
            found = [one.action for one in meanings(" ".join(words), ACTIONS)]
            assert any(one in actions for one in found), command
            compared += 1
    assert compared > 20


def test_every_page_without_an_argument_can_be_reached():
    pages = {path for method, path, access, _ in ROUTES if method == "GET" and "<" not in path and access == "read"}
    programs = {path for path in pages if path.startswith(("/api/", "/section/"))} | {"/events", "/metrics", "/palette"}
    assert {re.split("[?#]", href)[0] for _, href, _ in PAGES} == pages - programs


def test_every_tab_of_an_agent_can_be_reached():
    assert {tab.key: tab.title.plain.lower() for tab in TABS} == AGENT_TABS


@pytest.mark.parametrize(
    ("word", "text", "better"),
    [
        ("alice", "alice", "alice-2"),
        ("al", "alice", "the-alarm"),
        ("ala", "the-alarm", "malaga"),
        ("ice", "alice", "i-c-e"),
    ],
)
def test_a_better_match_ranks_higher(word, text, better):
    ranks = rank(word, text), rank(word, better)
    assert None not in ranks
    assert ranks[0] < ranks[1] or (word, text) == ("ala", "the-alarm")
    assert rank("zzz", text) is None


@pytest.mark.parametrize(
    ("line", "post", "fields"),
    [
        ("pause alice", "/pause/alice", {}),
        ("pau ali", "/pause/alice", {}),
        ("alice pause", "/pause/alice", {}),
        ("restart the agent alice", "/restart/alice", {}),
        ("deny 4 it is too big: see #2", "/deny/4", {"note": "it is too big: see #2"}),
        ("deny #4", "/deny/4", {}),
        ("new message to carol Hello  there", "/op-send", {"to": "carol", "body": "Hello  there"}),
        ("write hm1nd build it", "/op-send", {"to": "hm1nd", "body": "build it"}),
        ("cancel reminder 1", "/cancel-reminder/1", {}),
        ("reminder retry 2", "/retry-reminder/2", {}),
        ("new-session alice", "/agent/alice/control", {"action": "new_session"}),
        ("new session alice", "/agent/alice/control", {"action": "new_session"}),
        ("model alice opus", "/agent/alice/control", {"action": "model", "value": "opus"}),
        ("destroy alice alice", "/destroy/alice", {"typed": "alice"}),
        ("request spawn fay", "/request-spawn", {"name": "fay"}),
        ("rebuild all", "/rebuild-all", {}),
    ],
)
def test_a_line_means_an_action_on_a_row(site, line, post, fields):
    entry = first(site, line)
    assert (entry["post"], entry["fields"], entry["missing"]) == (post, fields, None)


def test_approving_sends_the_commit_that_its_row_shows(site, fake):
    entry = first(site, "approve 4")
    assert entry["post"] == "/approve/4"
    assert entry["fields"]["sha"]
    answer = site.post(entry["post"], entry["fields"], headers={"HX-Request": "true"})
    assert answer.status == 200
    assert next(one for one in fake.asked if one["cmd"] == "approve")["sha"] == entry["fields"]["sha"]


@pytest.mark.parametrize(
    ("line", "href"),
    [
        ("alice", "/agent/alice/"),
        ("alice journal", "/agent/alice/?tab=journal"),
        ("alice config", "/agent/alice/?tab=config"),
        ("alice settings", "/config/alice/"),
        ("4", "/approval/4/"),
        ("approval 4", "/approval/4/"),
        ("actors", "/actors"),
        ("stats", "/stats"),
        ("dash", "/"),
    ],
)
def test_a_line_leads_to_a_place(site, line, href):
    assert first(site, line)["href"] == href


def test_what_is_missing_is_said_and_nothing_is_offered_that_does_not_fit(site):
    assert first(site, "destroy alice")["missing"] == "type its name once more"
    assert first(site, "destroy alice bob")["missing"]
    assert first(site, "message alice")["missing"]
    assert not [one for one in asked(site, "resume") if one["post"] == "/resume/alice"]
    assert not [one for one in asked(site, "destroy hm1nd hm1nd") if one["post"] == "/destroy/hm1nd"]
    assert all(one["confirm"] for one in asked(site, "restart alice") if one["post"] == "/restart/alice")


@pytest.mark.slow
def test_a_hive_of_a_thousand_agents_gets_twenty_answers_with_the_best_first(site, fake):
    fake.agents |= {f"worker-{n:04}": AgentRow(name=f"worker-{n:04}", running=True, state="idle") for n in range(1_000)}
    found = asked(site, "worker-0420")
    assert found[0]["href"] == "/agent/worker-0420/"
    assert len(asked(site, "pause work")) == MOST
    assert asked(site, "pause worker-0999")[0]["post"] == "/pause/worker-0999"
    assert asked(site, "nothing like this at all")[-1]["href"].startswith("/search?q=nothing+like")


def test_rows_that_cannot_be_read_are_said_and_hide_no_page(site, fake):
    fake.refuse["agent_status"] = HiveError("internal", "a row is not understood")
    assert "a row is not understood" in json.dumps(asked(site, "pause alice"))
    assert first(site, "stats")["href"] == "/stats"


def test_the_page_does_the_same_without_scripts_and_its_text_stays_text(site, fake):
    fake.set_agent("alice", status_text="<script>alert(1)</script>")
    page = site.get("/palette?q=%3Cb%3Ealice").text
    assert "<b>alice" not in page
    page = site.get("/palette?q=pause+alice").text
    assert '<form method="post" action="/pause/alice">' in page
    assert "<script>alert" not in page
    assert site.get("/api/palette?q=" + "a" * 5000).status == 200
