"""Every HelperEvent is posted by something that really happens, once, to whom it concerns."""

import json

import pytest

from actors.agent.registry import helper_events
from actors.store import api as store
from actors.supervision import settle
from harness.wire.events import HELPER_EVENTS, HarnessState
from tests.actors.whole_hive import WholeHive
from tests.waiting import SECONDS, until

pytestmark = pytest.mark.slow  # most of them start agents and the hive again

NOW = "2030-01-01T00:00:00.000Z"


@pytest.fixture(scope="module")
def shared_hive():
    hive = WholeHive(auto_update=False)
    with hive.host() as operator:
        operator.ask("spawn", name="alice")
    yield hive
    hive.remove()


@pytest.fixture
def hive(shared_hive):
    """A hive with a manager and alice, both running."""
    return shared_hive


def told(hive, to="manager", **wanted):
    """The events `to` was told so far that hold these fields."""
    with hive.host() as operator:
        mail = operator.ask("messages", limit=1000)["messages"]
    events = [json.loads(one["body"]) for one in mail if one["kind"] == "event" and one["to"] == to]
    assert {one["from"] for one in mail if one["kind"] == "event"} <= {"system"}
    return [one for one in events if wanted.items() <= one.items()]


def once(hive, to="manager", **wanted):
    """Wait for that event, and see that it stays the only one."""
    until(lambda: told(hive, to, **wanted))
    settle()
    store.write(hive.directory, lambda _connection: None).get(timeout=SECONDS)  # after whatever was still on its way
    (event,) = told(hive, to, **wanted)
    HELPER_EVENTS[event["event"]].model_validate(event)
    return event


def says(hive, name, state):
    """What alice's harness would publish."""
    with hive.harness(name) as harness:
        assert harness.ask("publish", events=[{"kind": "state", "state": state.value, "since": NOW}])["ok"]


# ---- one real action for each ------------------------------------------------------------------------


def spawned(hive, operator):
    operator.ask("spawn", name="ann")
    return {"agent": "ann", "ok": True}


def killed(hive, operator):
    operator.ask("spawn", name="ben")
    for _ in range(2):
        operator.ask("stop", scope={"agent_names": ["ben"]})
    return {"agent": "ben"}


def destroyed(hive, operator):
    operator.ask("spawn", name="cleo")
    operator.ask("destroy", name="cleo")
    assert told(hive, event="killed", agent="cleo") == []
    return {"agent": "cleo"}


def container_crash(hive, operator):
    hive.runtime.end("alice", 137)
    return {"agent": "alice", "exit_status": 137}


def rebuilt(hive, operator):
    operator.ask("rebuild", name="alice")
    return {"agent": "alice", "ok": True}


def restart_planned(hive, operator):
    operator.ask("rebuild_all", now=True)

    def manager_asks():
        try:
            with hive.harness("hm1nd") as harness:
                harness.ask("recv")
        except OSError:
            return []
        return told(hive, event="restart_planned")

    until(manager_asks)
    return {}


def turn_cut(hive, operator):
    operator.ask("spawn", name="gus")
    operator.ask("send", to="gus", body="a long task")
    with hive.harness("gus") as harness:
        until(lambda: harness.ask("recv")["messages"])
    operator.ask("restart", name="gus", now=True)
    return {"agent": "gus", "reason": "it was restarted at once, in the middle of a turn"}


def needs_login(hive, operator):
    until(lambda: hive.directory.whereis("agents/alice/container") is not None)
    says(hive, "alice", HarnessState.IDLE)
    says(hive, "alice", HarnessState.NEEDS_LOGIN)
    return {"agent": "alice"}


def logged_in(hive, operator):
    says(hive, "alice", HarnessState.BOOTING)
    says(hive, "alice", HarnessState.THINKING)
    says(hive, "alice", HarnessState.IDLE)
    return {"agent": "alice"}


def config_ready(hive, operator):
    operator.ask("request_spawn", name="dora")
    return {"agent": "dora"}


def approval_resolved(hive, operator):
    (row,) = [row for row in operator.ask("pending")["approvals"] if row["agent"] == "dora"]
    operator.ask("deny", id=row["id"], note="not now")
    return {"agent": "dora", "status": "denied", "note": "not now"}


def question_asked(hive, operator):
    with hive.agent("alice") as alice:
        alice.ask("ask", to="manager", question="shall I?", options=["yes"])
    return {"asker": "alice", "question": "shall I?"}


def question_answered(hive, operator):
    with hive.agent("hm1nd") as manager, hive.agent("alice") as alice:
        number = manager.ask("ask", to="alice", question="done?")["id"]
        alice.ask("answer", id=number, answer="done")
    return {"question": "done?", "outcome": "answered", "answerer": "alice"}


ACTIONS = [
    spawned, killed, destroyed, container_crash, rebuilt, restart_planned, turn_cut, needs_login, logged_in, config_ready,
    approval_resolved, question_asked, question_answered,
]  # fmt: skip
ELSEWHERE = {"needs_update", "agent_stuck", "turn_failed", "message_set_aside"}
"""The first two take a hive of their own, below; the others are the broker's (test_broker_dead_letters.py)."""


def test_every_event_has_an_action_that_posts_it():
    assert {action.__name__ for action in ACTIONS} | ELSEWHERE == set(HELPER_EVENTS)


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)
def test_a_fact_is_told_once(hive, action):
    with hive.host() as operator:
        wanted = action(hive, operator)
    once(hive, event=action.__name__, **wanted)


def test_a_carried_out_spawn_is_told_with_its_approval_and_only_there(hive):
    with hive.host() as operator:
        number = operator.ask("request_spawn", name="emil")["approval_id"]
        assert operator.ask("approve", id=number)["ok"]
        until(lambda: hive.directory.whereis("agents/emil/container") is not None)
        assert told(hive, event="spawned", agent="emil") == [], "not before its harness has asked for mail"
        with hive.harness("emil") as harness:
            launch = until(lambda: [one for one in hive.runtime.launches if one.paths.name == "emil"])[-1]
            sha = launch.env["HIVE_CHECK"]
            assert harness.ask("publish", events=[{"kind": "checked", "sha": sha, "reason": None}])["ok"]
            until(lambda: harness.ask("recv")["ok"] and told(hive, event="spawned", agent="emil"))
        once(hive, event="spawned", agent="emil")
        once(hive, event="approval_resolved", agent="emil", status="approved")


def test_what_is_refused_is_not_told(hive):
    with hive.host() as operator:
        before = told(hive)
        assert operator.ask("spawn", name="alice")["code"] == "conflict"
        assert operator.ask("add_peer", name="fay")["ok"]
        assert operator.ask("spawn", name="fay")["code"] == "conflict"
        assert operator.ask("destroy", name="manager")["code"] == "forbidden"
    assert told(hive) == before


def test_the_manager_is_not_told_about_itself(hive):
    with hive.host() as operator:
        operator.ask("stop", scope={"agent_names": ["manager"]}, now=True)
        operator.ask("start", scope={"agent_names": ["manager"]})
    says(hive, "hm1nd", HarnessState.NEEDS_LOGIN)
    says(hive, "hm1nd", HarnessState.IDLE)
    for event in ("spawned", "killed", "turn_cut", "needs_login", "logged_in"):
        assert told(hive, event=event, agent="manager") == told(hive, event=event, agent="hm1nd") == []


def test_the_end_of_an_agent_ends_its_questions_and_reminders():
    hive = WholeHive()
    try:
        with hive.host() as operator:
            operator.ask("spawn", name="alice")
            with hive.agent("alice") as alice:
                alice.ask("ask", question="still there?")
                alice.ask("remind", message="later", delay_seconds=3600)
            operator.ask("destroy", name="alice")
            until(lambda: operator.ask("questions")["questions"][0]["status"] == "cancelled")
            until(lambda: operator.ask("reminders")["reminders"] == [])
    finally:
        hive.remove()


def test_no_restart_invents_a_login_event():
    hive = WholeHive()
    try:
        with hive.host() as operator:
            operator.ask("spawn", name="alice")
        says(hive, "alice", HarnessState.NEEDS_LOGIN)
        once(hive, event="needs_login", agent="alice")
        for _ in range(2):
            hive.close()
            hive.open()
            until(lambda: hive.directory.whereis("agents/alice/container") is not None)
            with hive.host() as operator:
                row = operator.ask("agent_status")["agent_statuses"][-1]
                assert row["needs_login"] is True, "known although its harness has not spoken again"
            says(hive, "alice", HarnessState.NEEDS_LOGIN)
        once(hive, event="needs_login", agent="alice")
        says(hive, "alice", HarnessState.IDLE)
        once(hive, event="logged_in", agent="alice")
    finally:
        hive.remove()


def test_an_agent_of_an_older_revision_is_told_of_once():
    hive = WholeHive(auto_update=False)
    try:
        with hive.host() as operator:
            operator.ask("spawn", name="alice")
        for _ in range(2):
            hive.close()
            hive.revision = "newer"
            hive.open()
            once(hive, event="needs_update", agent="alice")
    finally:
        hive.remove()


@pytest.mark.slow
def test_an_agent_with_mail_that_stays_silent_is_told_of_once():
    hive = WholeHive(stuck_seconds=0.3)
    try:
        with hive.host() as operator:
            operator.ask("spawn", name="alice")
            operator.ask("send", to="alice", body="are you there?")
            with hive.harness("alice") as harness:
                harness.ask("status")
        until(lambda: told(hive, event="agent_stuck", agent="alice"))
    finally:
        hive.remove()


@pytest.mark.parametrize(
    ("state", "known"),
    [(None, None), ("booting", None), ("offline", None), ("needs_login", True), ("idle", False), ("paused", False)],
)
def test_what_a_state_says_about_the_login(state, known):
    assert helper_events.needs_login(state) is known


@pytest.mark.parametrize(
    ("before", "now", "event"),
    [(None, False, None), (False, False, None), (True, True, None), (None, True, "needs_login"),
     (False, True, "needs_login"), (True, False, "logged_in")],
)  # fmt: skip
def test_a_login_is_told_when_it_is_news(before, now, event):
    told_now = [json.loads(post.body)["event"] for post in helper_events.login("alice", before=before, now=now)]
    assert told_now == ([event] if event else [])
