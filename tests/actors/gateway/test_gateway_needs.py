"""What needs the operator: which rows, in which order, with a command that the terminal takes."""

import shlex

import click
import pytest

from actors.cli.main import main
from actors.gateway.needs.ranking import ranked
from actors.quarantine import api as quarantine
from actors.supervision import NoAnswer
from harness.wire import times
from harness.wire.agent_api import Message, Question
from harness.wire.needs import NeedKind
from harness.wire.operator_rows import AgentRow, ApprovalRow, DeadLetter, QuarantineRow, UnreadRow
from tests.actors.whole_hive import WholeHive

AT = "2026-11-20T06:00:00.000Z"
NOW = times.to_ms(AT)


def approval(**changes):
    return ApprovalRow.model_validate(
        {"id": 1, "agent": "bob", "kind": "apply_commit", "status": "pending", "requested_at": AT} | changes
    )


def question(**changes):
    return Question.model_validate(
        {"id": 1, "asker": "bob", "target": "operator", "question": "?", "options": [], "multi": False, "asked_at": AT}
        | changes
    )


def mail(number, sender="bob"):
    return Message.model_validate({"id": number, "from": sender, "to": "operator", "body": "hi\nyou", "sent_at": AT})


def one_of_each():
    """A row for every kind of need; two of some, where the command differs."""
    failing = {"attempts": 2, "reason": "no", "since": AT}
    dead = {
        "id": 5, "from": "ann", "to": "bob", "body": "b", "kind": "message", "sent_at": AT, "attempts": 6, "reason": "r",
        "failing_since": AT, "set_aside_at": AT,
    }  # fmt: skip
    soon = times.from_ms(NOW + 3600_000)
    return ranked(
        agents=[
            AgentRow(name="manager", role="manager", running=True, login_expires_at=soon, login_shared=True),
            AgentRow(name="ann", suspended="crashed the hive"),
            AgentRow(name="bea", failed=True, state="parked"),
            AgentRow(name="cat", running=True, state="stuck"),
            AgentRow.model_validate({"name": "dan", "running": True, "state": "idle", "failing": failing}),
            AgentRow(name="eve", running=True, needs_login=True),
            AgentRow(name="fay", running=True, state="idle", login_expires_at=soon),
            AgentRow(name="gus", running=True, paused=True, state="idle", note="disk"),
            AgentRow(name="hal", running=True, state="idle", note="slow"),
            AgentRow(name="ian", running=True, state="rate_limited", rate_limited_until=soon, pending=1),
        ],
        unread=[UnreadRow(sender="outside:cron job", count=1, newest=mail(3, "outside:cron job"))],
        approvals=[approval()],
        questions=[question()],
        dead_letters=[DeadLetter.model_validate(dead)],
        unreadable=[
            QuarantineRow(table="questions", key="7 x", reason="r", way_out="`hive quarantine drop questions '7 x'`"),
            QuarantineRow(table="agents", key="zed", reason="r", way_out="start the version that wrote it"),
        ],
        now_ms=NOW,
    )


def test_every_kind_of_need_has_a_command_that_the_terminal_takes():
    found = one_of_each()
    assert {one.kind for one in found} == set(NeedKind)
    assert [one.kind for one in found] == sorted((one.kind for one in found), key=list(NeedKind).index)
    for one in found:
        for line in one.command.split("; "):
            taken_by_click(shlex.split(line))


def taken_by_click(words):
    """Let click read the command down to its arguments; a wrong word is an error."""
    assert words[0] == "hive"
    command, rest, context = main, words[1:], None
    while isinstance(command, click.Group):
        context = command.make_context(command.name, rest, parent=context)
        rest = [*context._protected_args, *context.args]
        if not rest and command.invoke_without_command:
            return
        _, command, rest = command.resolve_command(context, rest)
    with command.make_context(command.name, rest, parent=context):
        pass


def test_needs_are_ranked_and_concern_only_the_operator():
    found = ranked(
        agents=[
            AgentRow(name="ann", running=True, note="has mail but shows no life", pending=3),
            AgentRow(name="bob", failed=True, state="parked", note="parked: four ends in a minute"),
            AgentRow(name="cat", running=True, needs_login=True),
            AgentRow(name="dan", failed=True, transient="restarting"),
            AgentRow(name="eve", role="peer", running=True, note="anything"),
            AgentRow(name="fay", running=True),
            AgentRow(name="gus", role="peer", running=True, suspended="its requests have crashed the hive"),
        ],
        unread=[UnreadRow(sender="bob", count=2, newest=mail(3))],
        approvals=[approval(), approval(id=2, status="approved"), approval(id=3, status="denied")],
        questions=[question(), question(id=2, target="ann"), question(id=3, status="expired")],
    )
    assert [(one.kind, one.key, one.word) for one in found] == [
        (NeedKind.SUSPENDED, "suspended-gus", ""),
        (NeedKind.FAILED, "failed-bob", "parked"),
        (NeedKind.LOGIN, "login-cat", ""),
        (NeedKind.QUESTION, "question-1", ""),
        (NeedKind.APPROVAL, "approval-1", ""),
        (NeedKind.DEGRADED, "degraded-ann", ""),
        (NeedKind.MAIL, "mail-bob", ""),
    ]
    assert found[5].sentence.endswith("3 unfinished")
    assert found[5].actions == ("restart", "pause", "log")
    assert found[6].mail_ids == (3,)
    assert ranked() == []


def test_mail_is_one_need_for_each_sender():
    agents = [
        AgentRow(name="a", running=True, state="needs_login"),
        AgentRow(name="b", failed=True),
        AgentRow(name="c", failed=True, transient="starting"),
    ]
    newest = Message.model_validate({"id": 3, "from": "a", "to": "operator", "body": "m3", "sent_at": AT})
    found = ranked(agents=agents, unread=[UnreadRow(sender="a", count=2, newest=newest)])
    assert [(item.kind.value, item.agent) for item in found] == [("failed", "b"), ("needs login", "a"), ("mail", "a")]
    assert found[-1].sentence == "m3  (+1 more)"
    assert found[-1].mail_ids == (3,)


def test_an_agent_that_the_hive_has_paused_needs_the_operator_and_one_paused_by_a_person_does_not():
    row = AgentRow(name="alice", running=True, paused=True, state="idle", note="disk quota: 11M of 10M")
    (item,) = ranked(agents=[row])
    assert (item.sentence, item.actions) == ("disk quota: 11M of 10M", ("resume", "log"))
    assert ranked(agents=[row.model_copy(update={"note": None})]) == []


def test_the_manager_is_logged_in_first():
    rows = [AgentRow(name=name, running=True, needs_login=True, since=AT) for name in ("ann", "manager", "bob")]
    assert [item.agent for item in ranked(agents=rows)] == ["manager", "ann", "bob"]


def test_the_end_of_a_login_of_all_agents_is_told_once_a_month_ahead():
    ends = times.from_ms(NOW + 20 * 24 * 3600 * 1000)
    rows = [
        AgentRow(name=name, role=role, running=True, state="idle", login_expires_at=ends, login_shared=True)
        for name, role in (("ann", "agent"), ("manager", "manager"), ("bob", "agent"))
    ]
    (item,) = ranked(agents=rows, now_ms=NOW)
    assert item.sentence == "the login of all agents ends in 20d: `hive login --all`"
    assert ranked(agents=rows, now_ms=NOW - 11 * 24 * 3600 * 1000) == []


@pytest.mark.parametrize(
    ("hours", "words"),
    [(24 * 4, None), (50, "its login ends in 2d: log in again"), (-1, "its login has ended: log in again")],
)
def test_the_end_of_a_login_is_told_before_it_comes(hours, words):
    row = AgentRow(name="cat", running=True, state="idle", login_expires_at=times.from_ms(NOW + hours * 3600 * 1000))
    items = ranked(agents=[row], now_ms=NOW)
    assert [item.sentence for item in items] == ([] if words is None else [words])
    assert [item.kind for item in items] == ([] if words is None else [NeedKind.LOGIN_ENDS])


def test_the_hive_lists_what_needs_the_operator_and_one_part_that_fails_spares_the_others(monkeypatch):
    def no_answer(_directory):
        raise NoAnswer("quarantine did not answer within 5 s")

    hive = WholeHive()
    try:
        with hive.host() as operator, hive.agent("hm1nd") as manager:
            assert manager.ask("ask", question="main or dev?", options=["main", "dev"])["ok"]
            assert manager.ask("send", to="operator", body="done")["ok"]
            found = operator.ask("needs")
            assert [(one["kind"], one["agent"], one["command"]) for one in found["needs"]] == [
                ("question", "manager", "hive answer 1 TEXT"),
                ("mail", "manager", "hive read --all --from manager"),
            ]
            assert found["failed"] == []
            monkeypatch.setattr(quarantine, "rows", no_answer)
            found = operator.ask("needs")
            assert [one["kind"] for one in found["needs"]] == ["question", "mail"]
            assert [one["name"] for one in found["failed"]] == ["unreadable rows"]
    finally:
        hive.remove()
