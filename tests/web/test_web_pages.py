import html
import json
import re

import pytest

from harness.wire.errors import HiveError
from harness.wire.live.left_running import LeftRunning
from harness.wire.live.opened import ServerState
from harness.wire.needs import LatencyRow
from harness.wire.operator_rows import AgentRow, KeptRequest
from tests.web.answers.inbox import unread

HTMX = {"HX-Request": "true"}


def section(page, name):
    return page.partition(f'<section id="{name}"')[2].partition("</section>")[0]


def test_the_dashboard_shows_each_agent_with_its_state_and_figures(site):
    page = site.get("/").text
    row = page.partition('id="agent-hm1nd"')[2].partition("</tr>")[0]
    for words in (
        "thinking",
        "●",
        "tone-busy",
        "opus 4.1",
        "34 %",
        "12",
        "18 s",
        "$1.10",
        "reviewing bob&#039;s request",
    ):
        assert words in row
    assert page.index('id="needs"') < page.index('id="containers"') < page.index('id="flow"')


def test_screen_readers_get_ordinary_headings_in_both_themes(site):
    page = site.get("/").text
    assert (
        '<span class="leet" aria-hidden="true"><span class="gem">◆</span> C0NTAINERS</span><span class="sr">Containers</span>'
        in page
    )
    answer = site.post(
        "/preferences", {"words": "plain"}, headers={"Referer": "http://hive-of-the-tests.localhost:7000/actors"}
    )
    assert answer.headers["Location"] == "/actors"
    plain = site.get("/").text
    assert 'data-words="plain"' in plain
    assert "C0NTAINERS" not in plain
    assert "Containers" in plain


def test_the_action_list_is_ranked_and_quiet_when_it_is_empty(site, fake):
    needs = section(site.get("/").text, "needs")
    assert needs.index("carol") < needs.index("bob asks for ripgrep")
    fake.agents = {"alice": fake.agents["alice"]}
    fake.decisions.clear()
    fake.messages = []
    assert "nothing needs you" in section(site.get("/").text, "needs")


def test_the_promises_are_looked_at_when_the_page_is_loaded_and_the_broken_ones_come_first(site, fake):
    page = site.get("/verify").text
    assert "1 of 2 promises is broken, or could not be looked at" in page
    assert page.index('data-promise="dead letters"') < page.index('data-promise="wake"')
    fake.decisions.promises = [one for one in fake.decisions.promises if one.held]
    assert "all 1 promises are held" in site.get("/verify").text
    assert [one["cmd"] for one in fake.asked].count("verify") == 2
    fake.refuse["verify"] = HiveError("timeout", "the store did not answer")
    assert "the store did not answer" in site.get("/verify").text


def test_a_suspended_agent_is_first_in_the_list_with_its_requests_and_the_way_back(site, fake):
    alice = fake.agents["alice"].model_copy(update={"suspended": "its requests have crashed the hive twice"})
    fake.agents["alice"] = alice
    request = '{"cmd": "send", "body": "<b>x</b>"}'
    kept = {"id": 1, "at": "2026-01-02T03:04:05.000Z", "actor": "broker", "reason": "error", "cmd": "send"}
    fake.kept_requests["alice"] = [KeptRequest(**kept, request=request, size=900)]
    needs = section(site.get("/").text, "needs")
    assert needs.index("its requests have crashed the hive twice") < needs.index("carol")
    shown = section(site.get("/?need=suspended-alice").text, "need")
    assert 'action="/lift/alice"' in shown
    assert 'href="/kept-requests/alice"' in shown
    page = site.get("/kept-requests/alice").text
    assert "&lt;b&gt;x&lt;/b&gt;" in page
    assert "more characters were not kept" in page
    assert 'action="/lift/alice"' in page


def test_the_page_of_an_agent_leads_through_its_login(site, fake):
    def show(**login):
        at = {"begun_at": "2026-01-02T03:04:05.000Z", "since": "2026-01-02T03:04:05.000Z"}
        changes = {"running": True, "needs_login": True, "login": {**at, **login} if login else None}
        fake.agents["alice"] = AgentRow.model_validate(fake.agents["alice"].model_dump() | changes)
        return site.get("/agent/alice/head").text

    assert 'name="action" value="login_start"' in show()
    assert 'name="action" value="login_start"' in section(site.get("/?need=login-alice").text, "need")
    page = show(state="waiting_for_code", url="https://claude.com/oauth/authorize?code=true&state=abc")
    assert 'href="https://claude.com/oauth/authorize?code=true&amp;state=abc"' in page
    assert 'name="action" value="login_code"' in page
    assert 'name="action" value="login_cancel"' in page
    page = show(state="waiting_for_code", url="https://claude.com.example.org/?oauth")
    assert "do not log in there" in page
    assert 'href="https://claude.com.example.org' not in page
    assert "login_code" not in show(state="checking")
    page = show(state="failed", reason="<b>That code</b> wasn't accepted")
    assert "&lt;b&gt;That code&lt;/b&gt;" in page
    assert 'name="action" value="login_start"' in page


@pytest.mark.parametrize(
    ("verb", "broken", "whole"), [("agent_status", "containers", "flow"), ("messages", "flow", "containers")]
)
def test_an_unreadable_section_shows_its_error_and_does_not_affect_the_others(site, fake, verb, broken, whole):
    fake.refuse[verb] = HiveError("internal", "the table is on fire", "call somebody")
    page = site.get("/").text
    assert "could not be read" in section(page, broken)
    assert "the table is on fire" in section(page, broken)
    assert "call somebody" in section(page, broken)
    assert "could not be read" not in section(page, whole)


def test_an_empty_section_does_not_look_like_a_failed_one(site, fake):
    fake.messages, fake.agents = [], {}
    page = site.get("/").text
    assert "there is no message yet" in section(page, "flow")
    assert "there is no agent yet" in section(page, "containers")
    assert "could not be read" not in page


def test_without_a_daemon_a_new_page_says_so_and_an_open_page_keeps_its_rows(site, fake):
    fake.stop()
    page = site.get("/")
    assert page.status == 200
    assert "the daemon is unreachable" in page.text
    assert "could not be read" in section(page.text, "containers")
    assert site.get("/section/containers", headers=HTMX).status == 503
    assert site.get("/readyz").status == 503
    assert site.get("/healthz").status == 200


def test_an_agent_that_waits_for_its_turn_says_so_and_has_a_button_that_does_not_wait(site, fake):
    fake.set_agent("alice", state="thinking", transient="restarting", waits_until="2030-01-01T12:34:56.000Z")
    page = site.get("/agent/alice/").text
    assert "waits for its turn, until" in page
    assert "12:34 UTC" in page
    assert 'action="/restart-now/alice"' in page
    assert "restart now" in page
    fake.set_agent("alice", transient=None, waits_until=None)
    assert "-now/alice" not in site.get("/agent/alice/").text


def test_what_an_agent_leaves_running_is_on_its_page(site, fake):
    left = {"command": "<b>serve</b>", "started_at": "2030-01-01T12:34:56.000Z"}
    fake.set_agent("alice", left_running=LeftRunning(count=12, processes=[left]))
    page = site.get("/agent/alice/").text
    assert "leaves 12 running" in page
    assert "<code>&lt;b&gt;serve&lt;/b&gt;</code>" in page


@pytest.mark.parametrize(
    ("path", "form", "asked"),
    [
        ("/start/carol", {}, {"cmd": "start", "scope": {"agent_names": ["carol"]}}),
        (
            "/stop/alice",
            {},
            {"cmd": "stop", "scope": {"agent_names": ["alice"]}, "graceful": True, "now": False, "wait": False},
        ),
        ("/restart/alice", {}, {"cmd": "restart", "name": "alice", "now": False, "wait": False}),
        ("/restart-now/alice", {}, {"cmd": "restart", "name": "alice", "now": True, "wait": False}),
        ("/kick/alice", {}, {"cmd": "kick", "name": "alice"}),
        ("/rebuild/alice", {}, {"cmd": "rebuild", "name": "alice", "now": False, "wait": False}),
        ("/pause/alice", {}, {"cmd": "set_paused", "name": "alice", "paused": True}),
        ("/resume/alice", {}, {"cmd": "set_paused", "name": "alice", "paused": False}),
        ("/lift/alice", {}, {"cmd": "lift_suspension", "name": "alice"}),
        ("/destroy/alice", {"typed": "alice"}, {"cmd": "destroy", "name": "alice", "purge": False, "now": False}),
        ("/op-send", {"to": "alice", "body": "hi"}, {"cmd": "send", "to": "alice", "body": "hi"}),
        ("/op-send", {"to": "alice", "body": "@bob see this"}, {"cmd": "send", "to": "bob", "body": "see this"}),
        ("/agent/alice/control", {"action": "cancel"}, {"cmd": "agent_control", "name": "alice", "action": "cancel"}),
        ("/agent/alice/say", {"body": "hello"}, {"cmd": "send", "to": "alice", "body": "hello"}),
        (
            "/agent/alice/say",
            {"body": "/model opus"},
            {"cmd": "agent_control", "name": "alice", "action": "model", "value": "opus"},
        ),
        (
            "/agent/alice/say",
            {"body": "/new-session"},
            {"cmd": "agent_control", "name": "alice", "action": "new_session"},
        ),
    ],
)
def test_an_action_becomes_one_request_and_a_word_beside_the_button(site, fake, path, form, asked):
    answer = site.post(path, form, headers=HTMX)
    assert answer.status == 200, answer.text
    assert "data-done" in answer.text
    assert fake.asked[-1] == asked


def test_a_plain_form_returns_to_its_page(site):
    answer = site.post(
        "/restart/alice", headers={"Referer": "http://hive-of-the-tests.localhost:7000/agent/alice/?tab=stats"}
    )
    assert (answer.status, answer.headers["Location"]) == (303, "/agent/alice/?tab=stats")
    assert site.post("/restart/alice", headers={"Referer": "http://evil.example/x"}).headers["Location"] == "/"


def test_a_refusal_is_shown_with_its_hint_and_an_honest_status(site, fake):
    fake.refuse["restart"] = HiveError("conflict", "alice is being rebuilt", "wait for it")
    answer = site.post("/restart/alice", headers=HTMX)
    assert answer.status == 409
    assert "alice is being rebuilt" in answer.text
    assert "wait for it" in answer.text
    assert 'role="alert"' in answer.text
    assert "alice is being rebuilt" in site.post("/restart/alice").text


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/destroy/alice", {"typed": "alic"}, "type alice"),
        ("/destroy/hm1nd", {"typed": "hm1nd"}, "cannot be destroyed"),
        ("/op-send", {"to": "", "body": "hi"}, "no recipient"),
        ("/op-send", {"to": "alice", "body": "  "}, "nothing to send"),
        ("/op-send", {"to": "../x", "body": "hi"}, "no agent name"),
        ("/restart/..%2f", {}, ""),
        ("/restart/A", {}, "no agent name"),
        ("/restart/" + "a" * 300, {}, "at most 32"),
        ("/agent/alice/control", {"action": "explode"}, "explode"),
        ("/agent/alice/say", {"body": "/explode"}, "/explode"),
    ],
)
def test_bad_input_is_refused_before_it_reaches_the_daemon(site, fake, path, form, words):
    csrf = site.csrf
    asked = len([one for one in fake.asked if one["cmd"] not in ("agent_status", "inbox", "actors")])
    answer = site.post(path, form, csrf=csrf, headers=HTMX)
    assert 400 <= answer.status < 500
    assert words in answer.text
    assert len([one for one in fake.asked if one["cmd"] not in ("agent_status", "inbox", "actors")]) == asked


def test_the_flow_is_filtered_and_resumed_from_an_id(site):
    flow = section(site.get("/?show=to+me").text, "flow")
    assert "build a status page" in flow
    assert "collect the figures" not in flow
    answer = site.get("/section/flow/rows?after=7")
    assert re.findall(r'id="m(\d+)"', answer.text) == ["8", "9"]
    assert answer.headers["X-Last-Id"] == "9"
    assert site.get("/section/flow/rows?after=x").status == 400


def test_a_quiet_agent_is_found_however_much_the_others_write(site, fake):
    fake.say("dave", "alice", "a rare word")
    for number in range(600):
        fake.say("bob", "manager", f"chatter {number}")
    assert "a rare word" in site.get("/agent/dave/tab?tab=inbox").text
    assert "a rare word" in section(site.get("/?show=dave").text, "flow")
    assert "chatter" not in section(site.get("/?show=dave").text, "flow")


def test_the_inbox_of_an_agent_pages_back_to_its_first_message(site, fake):
    for number in range(70):
        fake.say("dave", "alice", f"note {number:02}")
    seen, address = set(), "/agent/dave/tab?tab=inbox"
    while address:
        page = site.get(address).text
        seen |= set(re.findall(r"note \d\d", page))
        older = re.search(r'href="(/agent/dave/[^"]*before=\d+[^"]*)"[^>]*>older', page)
        address = older and html.unescape(older[1])
    assert len(seen) == 70


def test_the_flow_marks_what_was_never_delivered_and_shows_it_alone(site, fake):
    fake.say("alice", "carol", "for one who is purged", undelivered=True)
    for page in ("/", "/?show=never+delivered"):
        (row,) = re.findall(r'<li id="m\d+".*?</li>', section(site.get(page).text, "flow"), re.DOTALL)[-1:]
        assert "for one who is purged" in row
        assert ">never delivered<" in row
    assert "build a status page" not in section(site.get("/?show=never+delivered").text, "flow")
    assert re.findall(r'id="m', site.get("/section/flow/rows?show=never+delivered&after=1").text) == []


def test_a_system_event_in_the_flow_is_a_sentence(site):
    assert "rebuilt · ✓ · bob" in section(site.get("/").text, "flow")


@pytest.mark.slow
def test_the_table_is_sorted_by_the_chosen_column(site):
    names = re.findall(r'id="agent-(\w+)"', site.get("/?sort=queue").text)
    assert names[:2] == ["bob", "alice"]
    assert re.findall(r'id="agent-(\w+)"', site.get("/").text)[0] == "hm1nd"
    assert site.get("/section/containers?sort=nonsense").status == 200


def test_the_agent_page_shows_the_turn_log(site):
    page = site.get("/agent/alice/").text
    log = page.partition('<ol class="log"')[2].partition("</ol>")[0]
    for words in (
        "$ ls -la state/ &amp;&amp; git status --short",
        "status.html",
        "+2 −2",
        "grep: state/old: Permission denied",
        "hologram",
        "→ manager: the draft is in",
    ):
        assert words in log
    for glyph in "→←·◆✓✗⌁!":
        assert f">{glyph}</span>" in log
    assert 'role="log"' in page
    assert site.get("/agent/manager/").status == site.get("/agent/hm1nd/").status == 200
    assert site.get("/agent/nobody/").status == 404


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("inbox", "please draft the HTML"),
        ("journal", "asked for mail"),
        ("stats", "woken by"),
        ("hosts", "private address"),
    ],
)
def test_the_tabs_of_an_agent_are_served_with_the_page_and_alone(site, tab, words):
    assert words in site.get(f"/agent/alice/?tab={tab}").text
    assert words in site.get(f"/agent/alice/tab?tab={tab}", headers=HTMX).text


def test_a_failed_tab_leaves_the_log_readable(site, fake):
    fake.refuse["journal"] = HiveError("internal", "no such file")
    page = site.get("/agent/alice/?tab=journal").text
    assert "no such file" in page
    assert "git status" in page


def test_the_tree_is_a_list_and_a_drawing_of_the_same_nodes(site):
    page = site.get("/actors").text
    assert len(re.findall(r'<li id="node-', page)) == len(re.findall(r'<g class="node', page)) == 20
    for words in ("leader first", "busy 0:12 with Reconcile", "↻ 2", "ContainerEnded: exit status 1", "pid 4711"):
        assert words in page


def test_rows_are_served_as_json(site):
    state = json.loads(site.get("/api/state").text)
    assert [row["name"] for row in state["agents"]][0] == "manager"
    assert len(json.loads(site.get("/api/messages?limit=2").text)["messages"]) == 2
    assert json.loads(site.get("/api/actors").text)["tree"]["name"] == "hive"
    assert site.get("/api/journal/alice?lines=3").text.count("\n") == 3
    assert json.loads(site.get("/api/journal/nobody").text)["code"] == "not_found"
    assert site.get("/api/messages?limit=many").status == 400


def test_metrics_say_what_waits_for_the_operator_and_how_long_decisions_were_waited_for(site, fake):
    fake.latency = LatencyRow(days=30, count=4, median_ms=2_500, p90_ms=61_000)
    text = site.get("/metrics").text
    assert 'hive_operator_latency_seconds{quantile="0.5"} 2.5' in text
    assert 'hive_operator_latency_seconds{quantile="0.9"} 61.0' in text
    assert re.search(r"^hive_needs [1-9]\d*$", text, re.MULTILINE)


def test_metrics_are_served_to_prometheus(site, fake, listener):
    text = site.get("/metrics").text
    assert "hive_up 1" in text
    assert "hive_web_streams 0" in text
    assert 'hive_agents{state="failed"} 1' in text
    assert 'hive_agent_pending{agent="bob"} 5' in text
    fake.stop()
    listener.until(lambda: any(listener.links))
    assert "hive_up 0" in site.get("/metrics").text


def test_mail_is_read_one_by_one_for_every_browser(site, fake):
    older, newer = [one.id for one in unread(fake.messages)][-2:]
    answer = site.post("/mail-read", {"ids": str(newer)}, headers=HTMX)
    assert (answer.status, answer.headers["HX-Trigger"]) == (204, "hive:reread")
    assert older in [one.id for one in unread(fake.messages)]
    assert newer not in [one.id for one in unread(fake.messages)]
    site.post("/mail-read", {"up_to": str(newer)}, headers=HTMX)
    assert unread(fake.messages) == []
    assert "as read" not in site.get("/").text


@pytest.mark.parametrize("form", [{}, {"ids": "7", "up_to": "9"}, {"ids": "seven"}, {"up_to": "-1"}])
def test_a_mark_without_a_clear_meaning_is_refused(site, fake, form):
    before = unread(fake.messages)
    assert site.post("/mail-read", form, headers=HTMX).status == 400
    assert unread(fake.messages) == before


def test_a_busy_sender_hides_no_other_one(site, fake):
    fake.say("alice", "operator", "only once")
    for number in range(300):
        fake.say("bob", "operator", f"progress {number}")
    page = site.get("/").text
    assert "only once" in page
    assert "progress 299" in page
    assert "(+299 more)" in page


def test_an_unexpected_failure_is_an_error_page_and_a_line_in_the_log(site, app, caplog, monkeypatch):
    monkeypatch.setattr("web.daemon.rows.Rows.tree", lambda _: 1 / 0)
    answer = site.get("/api/actors")
    assert answer.status == 500
    assert "ZeroDivision" not in answer.text
    assert "a page failed" in caplog.text


def test_the_agent_page_and_the_row_show_an_mcp_server_that_does_not_answer(site, fake):
    servers = [
        ServerState(name="files", status="connected", tools=1),
        ServerState(name="db", status="failed", error="<ENOENT>"),
    ]
    fake.agents["alice"] = fake.agents["alice"].model_copy(update={"mcp_servers": servers})
    page = site.get("/agent/alice/").text
    assert "mcp files" in page
    assert "1 tool<" in page
    assert "&lt;ENOENT&gt;" in page
    assert "mcp db failed" in site.get("/").text
