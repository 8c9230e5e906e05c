"""What needs the operator, most urgent first. Pure: rows in, a ranked list out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.wire import names
from harness.wire.agent_api import Question
from harness.wire.operator_rows import AgentRow, ApprovalRow, DeadLetter, Failing, QuarantineRow, UnreadRow
from harness.wire.times import to_ms
from web.presentation import agent_state, decision_state, login
from web.presentation.formats import first_line, within


class ItemKind(StrEnum):
    """Why an item needs the operator; the order of the members is the rank."""

    UNREADABLE = "unreadable"
    SUSPENDED = "suspended"
    FAILED = "failed"
    STUCK = "stuck"
    FAILING = "failing"
    DEAD_LETTER = "dead letter"
    LOGIN = "needs login"
    LOGIN_ENDS = "login ends"
    QUESTION = "question"
    APPROVAL = "approval"
    DEGRADED = "degraded"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One line of the list. `key` is its identity; `actions` are the verbs that the line offers as buttons."""

    kind: ItemKind
    key: str
    agent: str
    sentence: str
    since: str | None
    actions: tuple[str, ...] = ()
    mail_ids: tuple[int, ...] = ()
    approval: ApprovalRow | None = None
    question: Question | None = None
    quarantined: QuarantineRow | None = None
    word: str = ""
    """The kind as the page shows it, when that is not its value."""


def action_items(
    *,
    agents: Iterable[AgentRow] = (),
    unread: Iterable[UnreadRow] = (),
    approvals: Iterable[ApprovalRow] = (),
    questions: Iterable[Question] = (),
    dead_letters: Iterable[DeadLetter] = (),
    unreadable: Iterable[QuarantineRow] = (),
    now_ms: int = 0,
) -> list[ActionItem]:
    """Every item; `unread` has a row for each sender of mail that the operator has not read."""
    agents = list(agents)
    found = [item for row in agents if (item := _of_agent(row)) is not None]
    found += [_of_unreadable(row) for row in unreadable]
    found += [item for row in agents if (item := _of_login(row, now_ms)) is not None]
    found += [_of_dead_letter(row) for row in dead_letters]
    found += [_of_approval(row) for row in approvals if decision_state.is_pending(row)]
    found += [_of_question(row) for row in questions if decision_state.waits_for_operator(row)]
    found += map(_of_mail, unread)
    rank = list(ItemKind)
    return sorted(found, key=lambda item: (rank.index(item.kind), _waits_for_manager(item), item.since or ""))


def _waits_for_manager(item: ActionItem) -> bool:
    """The manager is logged in first: nothing works without it."""
    return item.kind is ItemKind.LOGIN and names.container_name(item.agent) != names.MANAGER_CONTAINER


def _of_agent(row: AgentRow) -> ActionItem | None:
    if row.suspended:
        return _agent_item(ItemKind.SUSPENDED, row, row.suspended, ("requests", "lift"))
    if row.transient or row.role == "peer" or row.state == "unreadable":
        return None
    state = agent_state.style(row).word
    if state in ("failed", "parked"):
        sentence = row.note or "the container ended and was not restarted"
        return _agent_item(ItemKind.FAILED, row, sentence, ("start", "log"), word=state)
    if state == "stuck":
        return _agent_item(ItemKind.STUCK, row, (row.note or "alive, but silent") + _unfinished(row), _STUCK)
    if state == "needs login":
        return _agent_item(ItemKind.LOGIN, row, row.note or _NO_LOGIN, ("login",))
    if row.failing is not None:
        return _agent_item(ItemKind.FAILING, row, _failing(row.failing), ("cancel", "log"))
    if row.paused and row.note:
        return _agent_item(ItemKind.DEGRADED, row, row.note, ("resume", "log"), word="paused")
    if row.running and row.note:
        return _agent_item(ItemKind.DEGRADED, row, row.note + _unfinished(row), _GENTLE)
    return None


def _of_login(row: AgentRow, now_ms: int) -> ActionItem | None:
    """The end of a login, before it comes: afterwards every turn of the agent fails. One of all agents is told once."""
    if row.needs_login or row.login_expires_at is None or not login.ends_soon(row, now_ms):
        return None
    if row.login_shared and row.role != "manager":
        return None
    key = f"login-{names.container_name(row.name)}"
    when = "has ended" if to_ms(row.login_expires_at) <= now_ms else f"ends {within(row.login_expires_at, now_ms)}"
    if row.login_shared:
        sentence = f"the login of all agents {when}: `hive login --all`"
        return ActionItem(ItemKind.LOGIN_ENDS, key, row.name, sentence, None)
    return ActionItem(ItemKind.LOGIN_ENDS, key, row.name, f"its login {when}: log in again", None, ("login",))


_NO_LOGIN = "Claude Code is not logged in; `hive login --all` in a terminal logs all agents in"

_GENTLE = ("restart", "pause", "log")
_STUCK = ("cancel", *_GENTLE)


def _agent_item(kind: ItemKind, row: AgentRow, sentence: str, actions: tuple[str, ...], word: str = "") -> ActionItem:
    key = f"{kind.name.lower()}-{names.container_name(row.name)}"
    offered = tuple(action for action in actions if action != "pause" or not row.paused)
    return ActionItem(kind, key, row.name, sentence, row.since, offered, word=word)


def _failing(failing: Failing) -> str:
    tries = "1 try" if failing.attempts == 1 else f"{failing.attempts} tries"
    return f"{tries} failed: {first_line(failing.reason, 160)}"


def _of_unreadable(row: QuarantineRow) -> ActionItem:
    name = row.key if row.table in ("agents", "peers") else row.table
    reason = first_line(row.reason, 160)
    what = reason if row.table == "files" else f"the row {row.key} of {row.table} cannot be read: {reason}"
    sentence = f"{what}; {row.way_out}"
    place = re.sub(r"[^a-zA-Z0-9]+", "-", row.key)
    return ActionItem(ItemKind.UNREADABLE, f"unreadable-{row.table}-{place}", name, sentence, None, quarantined=row)


def _of_dead_letter(row: DeadLetter) -> ActionItem:
    sentence = f"{row.attempts} tries failed: {first_line(row.reason, 120)} — {first_line(row.body, 80)}"
    actions = ("retry_dead_letter", "drop_dead_letter")
    return ActionItem(
        ItemKind.DEAD_LETTER, f"dead-letter-{row.id}", row.to, sentence, row.set_aside_at, actions, mail_ids=(row.id,)
    )


def _unfinished(row: AgentRow) -> str:
    count = row.leased or row.pending
    return f"; {count} unfinished" if count else ""


def _of_approval(row: ApprovalRow) -> ActionItem:
    subject = "a new agent" if row.kind == "spawn" else "a change of its configuration"
    key, sentence = f"approval-{row.id}", row.description or subject
    return ActionItem(ItemKind.APPROVAL, key, row.agent, sentence, row.requested_at, approval=row)


def _of_question(row: Question) -> ActionItem:
    return ActionItem(ItemKind.QUESTION, f"question-{row.id}", row.asker, row.question, row.asked_at, question=row)


def _of_mail(row: UnreadRow) -> ActionItem:
    """One item for each sender: its newest message, and how many more there are."""
    more = f"  (+{row.count - 1} more)" if row.count > 1 else ""
    key, sentence = f"mail-{names.container_name(row.sender)}", first_line(row.newest.body, 160) + more
    return ActionItem(
        ItemKind.MAIL, key, row.sender, sentence, row.newest.sent_at, ("read", "reply"), mail_ids=(row.newest.id,)
    )
