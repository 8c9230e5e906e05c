"""Decisions on the pages: proposals, questions, reminders, tombstones; and what a failed read looks like."""

import json
import re

import pytest

from harness.wire import operator_api
from harness.wire.errors import HiveError
from harness.wire.operator_rows import DeadLetter, Failing, QuarantineRow
from harness.wire.review import Undone
from tests.web.answers import decisions as fake_decisions
from tests.web.test_web_pages import HTMX, section

PENDING, DENIED = 4, 2


def beside(page):
    """The item that is shown beside the list; a review in it is a section of its own."""
    return page.partition('<section id="need"')[2].partition('<section id="containers"')[0]


def test_the_item_that_is_chosen_has_its_buttons_and_its_change(site):
    needs = section(site.get("/").text, "needs")
    line = needs.partition('id="need-approval-4"')[2].partition("</li>")[0]
    assert "ripgrep for code search" in line
    assert 'href="/?need=approval-4"' in line
    shown = beside(site.get("/?need=approval-4").text)
    for words in ("+6", "−1", "agent.toml", "role.md", "/approve/4", "/deny/4", "/snooze-need", "/delegate-need"):
        assert words in shown
    asked = beside(site.get("/?need=question-2").text)
    assert re.findall(r'name="choice" value="(\w+)"', asked) == ["main", "dev"]
    for words in ("data-countdown", "04:1", "/cancel-question/2"):
        assert words in asked
    assert 'name="text"' not in asked, "it takes no other answer than its options"
    assert "need-question-3" not in needs, "an agent was asked, not the operator"


def test_a_question_has_a_field_for_other_words_only_where_they_are_taken(site, fake):
    fake.decisions.ask("alice", "or else?", options=["a", "b"], free_text=True)
    fake.decisions.ask("alice", "what?")
    for number, taken in ((2, False), (4, True), (5, True)):
        shown = beside(site.get(f"/?need=question-{number}").text)
        assert (f'id="text-need-{number}"' in shown) is taken


def test_a_proposal_that_takes_an_approved_change_back_is_approved_only_with_a_tick_for_it(site, fake):
    fake.decisions.reviews[PENDING] = {"undoes": [Undone(id=1, sha="ab" * 20, files=["role.md"], description="a role")]}
    assert "takes back what was approved (1)" in beside(site.get("/?need=approval-4").text)
    panel = site.get("/approval/4/", headers=HTMX).text
    assert "takes back what was approved (1)" in panel
    tick = re.search(r'<input type="checkbox" name="undoes" value="1" form="([^"]+)">', panel)
    assert f'id="{tick[1]}"' in panel


def test_an_approval_that_waits_for_another_one_is_shown_as_queued(site, fake):
    fake.decisions.approvals[PENDING] = fake.decisions.approvals[PENDING].model_copy(
        update={"status": "approved", "queued": True}
    )
    assert "queued" in section(site.get("/").text, "approvals")


def test_the_sections_stand_in_their_order(site):
    page = site.get("/").text
    names = ("needs", "need", "containers", "kept", "drafts", "approvals", "questions", "reminders", "inbox", "flow")
    assert re.findall(r'<section id="([a-z]+)" class="section ', page) == list(names)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("approvals", ["1 waits for your decision", "77ab01c3d9e2", "history (3)", "deployed", "denied", "not without a reason", "it did not ask for mail"]),
        ("questions", ["1 waits for your answer", "which columns?", "0V3RR1D3", "day · sum · mean, any of them", 'type="checkbox"', "yes, but keep the figures"]),
        ("reminders", ["figures of the week", "3 failed: the recipient is not registered", "R3TRY", "C4NC3L", "in 2h", "15 delivered in 24 h", "of 5", "attempts and deliveries", 'width="67"', 'width="40"']),
        ("kept", ["zed", "46 MiB", "credentials kept", "R3V1V3", "PURG3", "old-one"]),
        ("drafts", ["erin", "/agents/erin/config", "nothing of it is proposed yet"]),
    ],
)  # fmt: skip
def test_every_section_shows_its_rows(site, name, words):
    shown = section(site.get("/").text, name)
    assert [one for one in words if one not in shown] == []


def test_questions_are_filtered_by_the_agents_that_ask_or_are_asked(site):
    every = section(site.get("/").text, "questions")
    assert re.findall(r'class="chip"[^>]*>([^<]+)<', every) == [
        "all",
        "to me",
        "between agents",
        "alice",
        "bob",
        "hm1nd",
    ]
    mine = section(site.get("/?asked=to+me").text, "questions")
    assert 'href="/?need=question-2">1 waits for your answer' in mine
    assert "which columns?" not in mine
    others = section(site.get("/?asked=between+agents").text, "questions")
    assert "which columns?" in others
    assert "which branch" not in others
    assert "no question is open (nobody)" in section(site.get("/?asked=nobody").text, "questions")


def test_an_empty_section_says_so_in_one_line(site, fake):
    fake.decisions.clear()
    page = site.get("/").text
    for name, words in (
        ("approvals", "no proposal waits for your decision"),
        ("questions", "no question is open"),
        ("reminders", "no reminder is queued"),
        ("kept", "there is no kept state"),
        ("drafts", "no agent is being prepared"),
    ):
        assert words in section(page, name)
    assert "R3QU3ST SP4WN" in section(page, "approvals")


@pytest.mark.parametrize(
    ("verb", "broken"),
    [("pending", "approvals"), ("questions", "questions"), ("reminders", "reminders"), ("tombstones", "kept"), ("drafts", "drafts")],
)  # fmt: skip
def test_a_failed_read_shows_its_error_and_a_retry_never_an_empty_list(site, fake, verb, broken):
    fake.refuse[verb] = HiveError("internal", "a row of 2019 is not understood", "hive doctor")
    page = site.get("/").text
    shown = section(page, broken)
    for words in ("could not be read", "a row of 2019", "hive doctor", "data-retry"):
        assert words in shown
    assert "is open" not in shown
    assert "carol" in section(page, "containers")
    if verb in ("pending", "questions"):
        needs = section(page, "needs")
        assert "a row of 2019" in needs
        assert "nothing needs you" not in needs
        assert "carol" in needs


def test_a_proposal_whose_diff_cannot_be_read_can_only_be_denied(site, fake):
    fake.refuse["approval_review"] = HiveError("timeout", "git took too long")
    shown = beside(site.get("/?need=approval-4").text)
    assert "git took too long" in shown
    assert "/approve/4" not in shown, "what cannot be read is not approved with one click"
    assert "/deny/4" in shown
    panel = site.get("/approval/4/", headers=HTMX).text
    assert "git took too long" in panel
    assert "data-retry" in panel


@pytest.mark.parametrize(
    ("path", "form", "asked"),
    [
        ("/approve/4", {}, {"cmd": "approve", "id": 4, "accepts": [], "undoes": [], "comments": []}),
        ("/approve/4", {"sha": "ab" * 20, "base_sha": "cd" * 20, "accepts": "aa11", "undoes": "2"},
         {"cmd": "approve", "id": 4, "sha": "ab" * 20, "base_sha": "cd" * 20, "accepts": ["aa11"], "undoes": [2], "comments": []}),
        ("/deny/4", {"note": " too much "}, {"cmd": "deny", "id": 4, "note": "too much", "comments": []}),
        ("/deny/4", {}, {"cmd": "deny", "id": 4, "comments": []}),
        ("/answer-question/2", {"choice": "main"}, {"cmd": "answer_question", "id": 2, "answer": "main"}),
        ("/answer-question/2", {"text": " neither "}, {"cmd": "answer_question", "id": 2, "answer": "neither"}),
        ("/cancel-question/3", {}, {"cmd": "cancel_question", "id": 3}),
        ("/cancel-reminder/1", {}, {"cmd": "cancel_reminder", "id": 1}),
        ("/retry-reminder/2", {}, {"cmd": "retry_reminder", "id": 2}),
        ("/rebuild-all", {}, {"cmd": "rebuild_all", "now": False}),
        ("/drop-quarantined", {"table": "peers", "key": "X'00'"}, {"cmd": "drop_quarantined", "table": "peers", "key": "X'00'"}),
        ("/request-spawn", {"name": "fay", "description": "tests"}, {"cmd": "request_spawn", "name": "fay", "description": "tests"}),
        ("/revive/zed", {}, {"cmd": "revive", "name": "zed"}),
        ("/withdraw/4", {}, {"cmd": "withdraw", "id": 4}),
        ("/revert/1", {}, {"cmd": "request_revert", "id": 1}),
        ("/edit-config/bob", {"path": "role.md", "base_sha": "ab" * 20, "text": "a\r\nb\n", "description": "why"},
         {"cmd": "request_edit", "name": "bob", "base_sha": "ab" * 20, "files": {"role.md": "a\nb\n"}, "description": "why"}),
        ("/propose/bob", {"commit": "abcdef1"}, {"cmd": "request_apply_commit", "agent": "bob", "commit_ref": "abcdef1"}),
        ("/propose/erin", {"commit": "abcdef1", "draft": "1"}, {"cmd": "request_spawn_commit", "name": "erin", "commit_ref": "abcdef1"}),
        ("/make-draft", {"name": "fay"}, {"cmd": "request_spawn_draft", "name": "fay"}),
        ("/discard-draft/erin", {"typed": "erin"}, {"cmd": "discard_draft", "name": "erin"}),
        ("/purge-tombstone/zed", {"typed": "zed"}, {"cmd": "purge_tombstone", "name": "zed"}),
    ],
)  # fmt: skip
def test_a_decision_becomes_one_request(site, fake, path, form, asked):
    answer = site.post(path, form, headers=HTMX)
    assert answer.status == 200, answer.text
    assert "data-done" in answer.text
    # A decision names the session in which it was made.
    decided = {"session": next(iter(fake.sessions.values())).id} if asked["cmd"] in ("approve", "deny") else {}
    assert fake.asked[-1] == asked | decided


def test_several_choices_and_a_text_become_one_answer(site, fake):
    body = f"csrf={site.csrf}&choice=day&choice=sum&text=and+no+more".encode()
    assert site.open("POST", "/answer-question/3", body=body, headers=HTMX).status == 200
    assert fake.decisions.questions[3].answer == "day, sum, and no more"


@pytest.mark.parametrize("path", [f"/approve/{DENIED}", f"/deny/{DENIED}", "/answer-question/1", "/cancel-reminder/99"])
def test_a_late_decision_is_refused_above_the_page_because_its_row_is_gone(site, path):
    answer = site.post(path, {"text": "x"}, headers=HTMX)
    assert answer.status in (404, 409)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#refusals", "beforeend")
    assert 'role="alert"' in answer.text
    assert site.post(path, {"text": "x"}).status == answer.status


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/approve/x", {}, "not the number"),
        ("/approve/-1", {}, "not the number"),
        ("/approve/99999999999999999999", {}, "not the number"),
        ("/answer-question/2", {"text": "  "}, "nothing to answer"),
        ("/deny/4", {"note": "x" * 5000}, "at most 4000"),
        ("/purge-tombstone/zed", {"typed": "zedd"}, "type zed"),
        ("/purge-tombstone/..", {"typed": ".."}, "no agent name"),
        ("/purge-tombstone/hm1nd", {"typed": "hm1nd"}, "manager"),
        ("/revive/A", {}, "no agent name"),
        ("/request-spawn", {"name": "operator"}, "reserved"),
        ("/request-spawn", {"name": ""}, "no agent name"),
        ("/notices-seen", {"at": "yesterday"}, "in milliseconds"),
    ],
)
def test_bad_input_never_reaches_the_daemon(site, fake, path, form, words):
    csrf = site.csrf
    before = len([one for one in fake.asked if one["cmd"] in _CHANGING])
    answer = site.post(path, form, csrf=csrf, headers=HTMX)
    assert 400 <= answer.status < 500
    assert words in answer.text
    assert len([one for one in fake.asked if one["cmd"] in _CHANGING]) == before


_CHANGING = ("approve", "deny", "answer_question", "purge_tombstone", "revive", "request_spawn")


def test_a_decision_without_the_csrf_token_of_the_session_is_refused(site, fake):
    assert site.post("/approve/4", csrf="0" * 64, headers=HTMX).status == 403
    assert fake.decisions.approvals[4].status == "pending"


def test_the_diff_is_shown_against_three_bases_with_its_signs(site):
    panel = site.get("/approval/4/", headers=HTMX).text
    for words in (
        '<td class="no">2</td><td class="no"></td><td class="sign">−</td><td class="code">packages = []</td>',
        '<td class="no"></td><td class="no">2</td><td class="sign">+</td><td class="code">packages = [<b>&quot;ripgrep&quot;</b>]</td>',
        '<td class="no">1</td><td class="no">1</td><td class="sign"></td><td class="code">model = &quot;haiku&quot;</td>',
        '<b class="path">role.md</b> <span class="badge">new</span>',
        "+6",
        "in 2 files",
        "/approve/4",
        "base=previous",
    ):
        assert words in panel
    assert "# second</td>" in site.get("/approval/4/?base=approved", headers=HTMX).text
    assert "the same as the proposal before it" in site.get("/approval/4/?base=previous", headers=HTMX).text
    assert "<html" in site.get("/approval/4/").text
    assert site.get("/approval/4/?base=yesterday").status == 400
    assert (site.get("/approval/99/").status, site.get("/approval/x/").status) == (404, 400)


def test_a_card_has_the_effective_changes_the_remarks_and_what_is_not_shown(site, fake):
    fake.decisions.reviews[4] = fake_decisions.hostile()
    panel = site.get("/approval/4/", headers=HTMX).text
    order = ["allow = &quot;none&quot;", "limits.pids is not enforced", "in effect", "not shown (2)", "700 of its changed lines are not shown", '<b class="path">state/notes.md']  # fmt: skip
    places = [panel.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    for words in (
        '<mark class="hides" title="a character that does not show">\\u{202e}</mark>enon',
        "3 hidden characters",
        "a large file of 88 KiB: 700 of its changed lines are not shown here",
        '<input type="checkbox" name="accepts" value="bb22" form="approve-review-4">',
        'name="sha" value="77ab01c3d9e2',
        "3" * 64,
    ):
        assert words in panel, words


def test_a_part_counts_as_opened_only_with_its_last_piece(site, fake):
    fake.decisions.reviews[4] = fake_decisions.hostile()
    first = site.get("/approval/4/part/aa11", headers=HTMX).text
    assert "line 899</td>" in first
    assert 'name="accepts"' not in first
    (offset,) = set(re.findall(r"offset=(\d+)", first))
    last = site.get(f"/approval/4/part/aa11?offset={offset}", headers=HTMX).text
    assert '<input type="hidden" name="accepts" value="aa11" form="approve-review-4">' in last
    assert site.get("/approval/4/part/..", headers=HTMX).status == 404
    assert "<html" in site.get("/approval/4/part/aa11").text


def test_a_proposal_equal_to_the_deployed_commit_says_so(site, fake):
    number = fake.decisions.propose("bob", "nothing new", diff="")
    assert "the same as deployed: approving it changes nothing" in site.get(f"/approval/{number}/", headers=HTMX).text
    assert "the same as deployed" in beside(site.get(f"/?need=approval-{number}").text)


def test_a_decided_proposal_has_no_buttons(site):
    panel = site.get("/approval/2/", headers=HTMX).text
    assert "/approve/2" not in panel
    assert "not without a reason" in panel


@pytest.mark.slow
def test_a_deployment_is_shown_until_its_outcome_is_known(site, fake):
    site.post("/approve/4", headers=HTMX)
    line = section(site.get("/").text, "approvals").partition('id="decision-4"')[2].partition("</li>")[0]
    assert "being carried out" in line
    assert "/approve/4" not in line
    fake.decisions.resolve(4, "approved", tag="deployed/4")
    assert "history (4)" in section(site.get("/").text, "approvals")


def test_update_all_is_offered_while_an_agent_is_outdated(site, fake):
    assert 'UPD4TE 4LL</span><span class="sr">update all</span> (1)' in site.get("/").text
    fake.agents["alice"] = fake.agents["alice"].model_copy(update={"needs_update": False})
    assert "UPD4TE 4LL" not in site.get("/").text


def test_the_configuration_page_shows_log_tags_files_and_comparisons(site):
    page = site.get("/config/bob/").text
    for words in ("role = &quot;figures&quot;", "bob: figures only", "deployed/0", "denied/2", "what would it fetch?", "role.md", "812 B"):  # fmt: skip
        assert words in page
    compared = site.get("/config/bob/?base=main&ref=denied/2").text
    assert '<td class="sign">+</td><td class="code">collects figures</td>' in compared
    assert "whole file" in compared
    assert 'class="journal source"' in site.get("/config/bob/view?file=role.md&at=deployed/0", headers=HTMX).text
    assert site.get("/config/nobody/").status == site.get("/config/bob/nothing").status == 404
    assert site.get("/config/..%2f..%2fetc/").status in (400, 404)
    assert "role = &quot;figures&quot;" in site.get("/panel/config/bob").text
    assert "in force" in site.get("/agent/bob/?tab=config").text


def test_a_file_in_force_is_edited_as_its_exact_text(site):
    assert 'href="/config/bob/?edit=agent.toml"' in site.get("/config/bob/").text
    form = site.get("/config/bob/?edit=agent.toml").text
    assert 'action="/edit-config/bob"' in form
    assert 'name="path" value="agent.toml"' in form
    assert ">\nmodel = &quot;&lt;b&gt;&quot;\n</textarea>" in form
    assert "is a new file" in site.get("/config/bob/?edit=new.md").text


def test_what_the_operator_proposed_can_be_withdrawn_and_what_was_deployed_reverted(site, fake):
    assert "/withdraw/4" not in site.get("/approval/4/").text
    row = fake.decisions.approvals[PENDING]
    fake.decisions.approvals[PENDING] = row.model_copy(update={"requested_by": "operator"})
    assert "/withdraw/4" in site.get("/approval/4/").text
    assert "/approval/1/undo" in site.get("/approval/1/").text
    assert "/revert/1" in site.get("/approval/1/undo").text
    denied = site.get(f"/approval/{DENIED}/").text
    assert "/approval/2/undo" not in denied
    assert "/request-again/2" in denied


def test_a_draft_is_discarded_only_after_its_name(site, fake):
    page = section(site.get("/").text, "drafts")
    for words in ("/discard-draft/erin", "/propose/erin", "/make-draft"):
        assert words in page
    assert site.post("/discard-draft/erin", {"typed": "eri"}, headers=HTMX).status == 400
    assert "discard_draft" not in [asked["cmd"] for asked in fake.asked]


def test_the_log_of_decisions_has_a_page_that_says_whether_it_is_whole(site, fake):
    assert "nothing was decided yet" in site.get("/decisions").text
    row = {"id": 1, "at": "2026-01-02T03:04:05.000Z", "approval_id": 4, "agent": "bob", "kind": "apply_commit",
           "verdict": "approved", "sha": "ab" * 20, "decided_by": "operator (uid 0)", "note": "<b>", "hash": "x"}  # fmt: skip
    fake.decisions.log = operator_api.DecisionsReply(decisions=[row], broken_at=1, reason="its hash differs", omitted=3)
    page = site.get("/decisions").text
    for words in ("operator (uid 0)", "/approval/4/", "&lt;b&gt;", "row 1 is not what was written", "3 older rows"):
        assert words in page


def test_an_unreadable_part_of_the_configuration_does_not_affect_the_others(site, fake):
    fake.refuse["config_log"] = HiveError("internal", "the repository is broken")
    page = site.get("/config/bob/").text
    assert "the repository is broken" in section(page, "config-log")
    assert "denied/2" in section(page, "config-tags")


def test_the_page_of_an_agent_shows_its_loose_ends(site):
    tab = site.get("/agent/bob/tab?tab=loose", headers=HTMX).text
    for words in ("which columns?", "figures of the week", "approval #4"):
        assert words in tab
    assert "which branch" not in tab
    assert "nothing is open" in site.get("/agent/dave/tab?tab=loose", headers=HTMX).text


def test_decisions_and_configurations_are_served_as_json_and_text(site, fake):
    diff = json.loads(site.get("/api/approvals/4/diff?base=approved").text)
    assert diff["diff"].startswith("diff --git")
    assert diff["approval"]["id"] == PENDING
    answer = site.get("/api/agent-config/bob")
    assert (answer.headers["Content-Type"], answer.text.splitlines()[1]) == (
        "text/plain; charset=utf-8",
        'model = "haiku"',
    )
    assert json.loads(site.get("/api/agent-config/..").text)["code"] == "not_found"
    assert site.get("/api/state-file?agent=alice&path=notes.md").text == "notes.md of alice"
    assert fake.asked[-1] == {"cmd": "state_file", "agent": "alice", "rel_path": "notes.md"}
    assert site.get("/api/state-file?agent=alice").status == 400
    state = json.loads(site.get("/api/state").text)
    assert [row["status"] for row in state["approvals"]] == ["approved", "denied", "failed", "pending"]
    assert state["errors"] == {}
    fake.refuse["questions"] = HiveError("internal", "no")
    state = json.loads(site.get("/api/state").text)
    assert state["questions"] is None
    assert state["errors"]["questions"]["error"] == "no"


def test_the_api_lists_one_notification_for_each_event_with_its_own_key(site):
    found = json.loads(site.get("/api/needs").text)["needs"]
    assert [one["key"] for one in found] == ["approval-4", "question-2", "mail-8", "mail-9"]
    site.post("/mail-read", {"ids": "8"})
    assert [one["key"] for one in json.loads(site.get("/api/needs").text)["needs"]][-1] == "mail-9"
    assert len(json.loads(site.get("/api/needs").text)["needs"]) == 3


def happen(fake, listener, kind, ago_ms=0, **data):
    """An event of the daemon, `ago_ms` before now, as far as the listeners of the feed."""
    fake.now_ms, now = (lambda: now() - ago_ms), fake.now_ms
    fake.emit(kind, data)
    fake.now_ms = now
    listener.until(lambda: listener.seqs[-1:] == [fake.seq])


def test_notices_are_shown_until_they_are_dismissed_or_old(site, fake, listener):
    happen(fake, listener, "notice", ago_ms=2 * 3_600_000, level="error", text="long ago")
    happen(fake, listener, "notice", ago_ms=61_000, level="info", text="a minute ago")
    happen(fake, listener, "notice", level="error", text="bob does not answer")
    happen(fake, listener, "approval", id=3, agent="carol", status="failed", note="no mail asked for")
    happen(fake, listener, "approval", id=4, agent="bob", status="approved", tag="building/4")
    happen(fake, listener, "notice", level="error", text="bob does not answer")
    happen(fake, listener, "question", id=9, asker="alice", status="expired")
    corner = section(site.get("/actors").text, "notices")
    for words in ("bob does not answer", "tone-bad", "approval #3 of carol failed and everything is as before: no mail", "question #9 of alice"):  # fmt: skip
        assert words in corner
    assert "long ago" not in corner
    assert "a minute ago" not in corner
    assert corner.count("bob does not answer") == 1
    assert "#4" not in corner
    newest = re.findall(r'name="at" value="(\d+)"', corner)
    answer = site.post("/notices-seen", {"at": newest[1]}, headers=HTMX)
    assert (answer.status, answer.headers["HX-Trigger"]) == (204, "hive:reread")
    assert re.findall(r'name="at" value="(\d+)"', section(site.get("/actors").text, "notices")) == newest[:1]


def test_charts_are_served_in_words_and_as_data(site, fake):
    page = site.get("/stats").text
    for words in ("turns per minute", "duration of a turn", "p95", "outcome of turns", "inbox depth", "pending approvals", "Read", "data-chart="):  # fmt: skip
        assert words in page
    alice = site.get("/section/stats?hours=6&agent=alice", headers=HTMX).text
    assert "pending approvals" not in alice
    assert "there is no window" in site.get("/section/stats?hours=5", headers=HTMX).text
    assert "alice" in json.loads(site.get("/api/stats?agent=alice").text)["series"]
    assert site.get("/api/stats?since=yesterday").status == 400
    fake.decisions.series = {}
    assert "turns per minute" not in site.get("/stats").text


def test_a_dead_letter_and_a_failing_agent_need_the_operator_with_their_reasons(site, fake):
    fake.decisions.dead_letters[77] = DeadLetter.model_validate(
        {"id": 77, "from": "bob", "to": "alice", "body": "draw <b>this</b>", "kind": "message", "attempts": 6,
         "sent_at": "2030-01-01T00:00:00.000Z", "reason": "image could not be processed\nsecond line",
         "failing_since": "2030-01-01T00:00:00.000Z", "set_aside_at": "2030-01-01T00:10:00.000Z"}
    )  # fmt: skip
    failing = Failing(attempts=4, reason="status 137", since="2030-01-01T00:00:00.000Z")
    fake.agents["alice"] = fake.agents["alice"].model_copy(update={"failing": failing, "state": "idle"})
    needs = section(site.get("/").text, "needs")
    line = needs.partition('id="need-dead-letter-77"')[2].partition("</li>")[0]
    for words in ("6 tries failed: image could not be processed", "draw &lt;b&gt;this"):
        assert words in line
    shown = beside(site.get("/?need=dead-letter-77").text)
    for words in (
        "6 tries failed",
        "second line",
        "draw &lt;b&gt;this",
        "/retry-dead-letter/77",
        "/drop-dead-letter/77",
    ):
        assert words in shown
    assert "4 tries failed: status 137" in needs.partition('id="need-failing-alice"')[2].partition("</li>")[0]
    shown = beside(site.get("/?need=failing-alice").text)
    for words in ("4 tries failed", "status 137", "/cancel/alice", "/restart/alice", "new_session"):
        assert words in shown
    assert "failing" in section(site.get("/").text, "containers")
    assert site.post("/drop-dead-letter/77", {}, headers=HTMX).status == 200
    assert "need-dead-letter-77" not in section(site.get("/").text, "needs")


def test_a_row_that_cannot_be_read_needs_the_operator_with_its_reason_and_the_way_out(site, fake):
    fake.decisions.quarantine = [
        QuarantineRow(
            table="agents",
            key="alice",
            reason="desired is '<b>asleep</b>', not one of running, stopped",
            way_out="`hive quarantine drop agents alice` deletes it",
        )
    ]
    note = "this row cannot be read"
    unreadable = {"state": "unreadable", "failed": True, "running": False, "note": note}
    fake.agents["alice"] = fake.agents["alice"].model_copy(update=unreadable)
    needs = section(site.get("/").text, "needs")
    line = needs.partition('id="need-unreadable-agents-alice"')[2].partition("</li>")[0]
    for words in ("the row alice of agents cannot be read", "&lt;b&gt;asleep", "`hive quarantine drop agents alice`"):
        assert words in line
    assert "need-failed-alice" not in needs, "it is said once"
    assert note in section(site.get("/").text, "containers")
    shown = beside(site.get("/?need=unreadable-agents-alice").text)
    assert 'action="/drop-quarantined"' in shown
    assert site.post("/drop-quarantined", {"table": "agents", "key": "alice"}, headers=HTMX).status == 200
    assert "need-unreadable" not in section(site.get("/").text, "needs")


def test_the_layout_of_a_diff_is_in_the_address_and_remembered_by_the_browser(site):
    assert 'class="diff unified"' in site.get("/approval/4/").text
    chosen = site.get("/approval/4/?view=split")
    assert 'class="diff split"' in chosen.text
    assert 'href="/approval/4/?view=unified" data-view' in chosen.text
    assert 'class="diff split"' in site.get("/approval/4/").text
    assert 'class="diff split"' in site.get("/config/bob/?base=main&ref=denied/2").text
    assert 'class="diff unified"' in site.get("/approval/4/review?view=unified", headers=HTMX).text
    assert 'class="diff unified"' in site.get("/approval/4/?view=sideways").text
