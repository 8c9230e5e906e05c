"""Which rows need the operator, in which words, and which first. Pure: rows in, a ranked list out."""

import hashlib
import json
import re
import shlex
from collections.abc import Iterable

from actors.agent.registry.why import Condition, condition
from actors.gateway.needs import commands
from actors.gateway.needs.commands import ANSWER
from harness.wire import names
from harness.wire.agent_api import Question
from harness.wire.needs import Need, NeedKind
from harness.wire.operator_rows import AgentRow, ApprovalRow, DeadLetter, Failing, QuarantineRow, UnreadRow
from harness.wire.times import to_ms


def ranked(
    *,
    agents: Iterable[AgentRow] = (),
    unread: Iterable[UnreadRow] = (),
    approvals: Iterable[ApprovalRow] = (),
    questions: Iterable[Question] = (),
    dead_letters: Iterable[DeadLetter] = (),
    unreadable: Iterable[QuarantineRow] = (),
    now_ms: int = 0,
) -> list[Need]:
    """Every item; `unread` has a row for each sender of mail that the operator has not read."""
    agents = list(agents)
    found = [item for row in agents if (item := _of_agent(row)) is not None]
    found += map(_of_unreadable, unreadable)
    found += [item for row in agents if (item := _of_login(row, now_ms)) is not None]
    found += map(_of_dead_letter, dead_letters)
    found += [_of_approval(row) for row in approvals if row.status == "pending"]
    found += [_of_question(row) for row in questions if row.status == "pending" and row.target == names.OPERATOR]
    found += map(_of_mail, unread)
    found += _of_limited(agents)
    rank = list(NeedKind)
    ordered = sorted(found, key=lambda item: (rank.index(item.kind), _waits_for_manager(item), item.since or ""))
    return [item.model_copy(update={"mark": _mark(item)}) for item in ordered]


def _mark(item: Need) -> str:
    """What tells the state of an item: since when, of which commit or message; of an agent that works badly, its words.

    Figures that change by themselves are no part of it: how much is unfinished, how many tries.
    """
    facts: list[object] = [item.kind.value, list(item.mail_ids)]
    facts.append(item.sentence if item.kind in _BY_WORDS else item.since)
    if item.approval is not None:
        facts.append(item.approval.sha)
    return hashlib.sha256(json.dumps(facts).encode(errors="surrogatepass")).hexdigest()[:16]


_BY_WORDS = frozenset({NeedKind.DEGRADED, NeedKind.UNREADABLE, NeedKind.LOGIN_ENDS, NeedKind.LIMITED})
"""Items without a moment since when they are so; an agent that works badly changes its state with every turn."""


def _waits_for_manager(item: Need) -> bool:
    """The manager is logged in first: nothing works without it."""
    return item.kind is NeedKind.LOGIN and names.container_name(item.agent) != names.MANAGER_CONTAINER


_NO_LOGIN = "Claude Code is not logged in; `hive login --all` in a terminal logs all agents in"
_GENTLE = ("restart", "pause", "log")
_STUCK = ("cancel", "restart", "new_session", "pause", "log")
_FAILING = ("cancel", "restart", "new_session", "log")


def _of_agent(row: AgentRow) -> Need | None:
    if row.suspended:
        return _need(NeedKind.SUSPENDED, row, row.suspended, ("requests", "lift"))
    if row.transient or row.role == "peer" or row.state == "unreadable":
        return None
    if row.failed or row.state in ("failed", "parked"):
        word = "parked" if row.state == "parked" else "failed"
        sentence = row.note or "the container ended and was not restarted"
        return _need(NeedKind.FAILED, row, sentence, ("start", "log"), word=word)
    if row.running and (row.needs_login or row.state == "needs_login"):
        return _need(NeedKind.LOGIN, row, row.note or _NO_LOGIN, ("login",))
    if row.running and row.state == "stuck":
        return _need(NeedKind.STUCK, row, (row.note or "alive, but silent") + _unfinished(row), _STUCK)
    if row.failing is not None:
        item = _need(NeedKind.FAILING, row, _failing(row.failing), _FAILING)
        return item.model_copy(update={"since": row.failing.since})
    if row.paused and row.note:
        return _need(NeedKind.DEGRADED, row, row.note, ("resume", "log"), word="paused")
    if row.running and row.note:
        return _need(NeedKind.DEGRADED, row, row.note + _unfinished(row), _GENTLE)
    return None


def _need(kind: NeedKind, row: AgentRow, sentence: str, actions: tuple[str, ...], word: str = "") -> Need:
    return Need(
        kind=kind,
        key=f"{kind.name.lower()}-{names.container_name(row.name)}",
        agent=row.name,
        sentence=sentence,
        since=row.since,
        command=commands.of_degraded(row) if kind is NeedKind.DEGRADED else commands.of_agent(kind, row.name),
        actions=tuple(action for action in actions if action != "pause" or not row.paused),
        word=word,
        why=row.why,
    )


def _of_limited(agents: Iterable[AgentRow]) -> list[Need]:
    """One item for all agents that have mail and wait for the provider: the limit is mostly that of one account."""
    waiting = [row for row in agents if condition(row) is Condition.LIMITED and (row.leased or row.pending)]
    if not waiting:
        return []
    first = min(waiting, key=lambda row: row.rate_limited_until or "9")
    others = len(waiting) - 1
    more = f" and {others} more {'waits' if others == 1 else 'wait'}" if others else " waits"
    return [
        Need(
            kind=NeedKind.LIMITED,
            key="limited",
            agent=first.name,
            sentence=f"{names.container_name(first.name)}{more} for the limit of the model's provider, with mail",
            command=f"hive model {shlex.quote(first.name)} MODEL",
            actions=("log",),
            why=first.why,
        )
    ]


def _of_login(row: AgentRow, now_ms: int) -> Need | None:
    """The end of a login, before it comes: afterwards every turn of the agent fails. One of all agents is told once."""
    if row.needs_login or row.login_expires_at is None or not row.login_ends_soon(now_ms):
        return None
    if row.login_shared and row.role != "manager":
        return None
    when = _when_ends(to_ms(row.login_expires_at) - now_ms)
    whose, way_out = (
        ("the login of all agents", "`hive login --all`") if row.login_shared else ("its login", "log in again")
    )
    return Need(
        kind=NeedKind.LOGIN_ENDS,
        key=f"login-{names.container_name(row.name)}",
        agent=row.name,
        sentence=f"{whose} {when}: {way_out}",
        command="hive login --all" if row.login_shared else commands.of_agent(NeedKind.LOGIN_ENDS, row.name),
        actions=() if row.login_shared else ("login",),
    )


def _when_ends(left_ms: int) -> str:
    """`ends in 20d`, in the largest unit."""
    seconds = left_ms // 1000
    for unit, word in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        if seconds >= unit:
            return f"ends in {seconds // unit}{word}"
    return "has ended"


def _failing(failing: Failing) -> str:
    tries = "1 try" if failing.attempts == 1 else f"{failing.attempts} tries"
    return f"{tries} failed: {_first_line(failing.reason, 160)}"


def _unfinished(row: AgentRow) -> str:
    count = row.leased or row.pending
    return f"; {count} unfinished" if count else ""


def _of_unreadable(row: QuarantineRow) -> Need:
    reason = _first_line(row.reason, 160)
    what = reason if row.table == "files" else f"the row {row.key} of {row.table} cannot be read: {reason}"
    return Need(
        kind=NeedKind.UNREADABLE,
        key=f"unreadable-{row.table}-{re.sub(r'[^a-zA-Z0-9]+', '-', row.key)}",
        agent=row.key if row.table in ("agents", "peers") else row.table,
        sentence=f"{what}; {row.way_out}",
        command=commands.of_quarantined(row),
        quarantined=row,
    )


def _of_dead_letter(row: DeadLetter) -> Need:
    return Need(
        kind=NeedKind.DEAD_LETTER,
        key=f"dead-letter-{row.id}",
        agent=row.to,
        sentence=f"{row.attempts} tries failed: {_first_line(row.reason, 120)} — {_first_line(row.body, 80)}",
        since=row.set_aside_at,
        command=f"hive dead retry {row.id}",
        actions=("retry_dead_letter", "drop_dead_letter"),
        mail_ids=(row.id,),
    )


def _of_approval(row: ApprovalRow) -> Need:
    return Need(
        kind=NeedKind.APPROVAL,
        key=f"approval-{row.id}",
        agent=row.agent,
        sentence=row.description or ("a new agent" if row.kind == "spawn" else "a change of its configuration"),
        since=row.requested_at,
        command=f"hive diff {row.id}; hive approve {row.id}",
        approval=row,
    )


def _of_question(row: Question) -> Need:
    return Need(
        kind=NeedKind.QUESTION,
        key=f"question-{row.id}",
        agent=row.asker,
        sentence=row.question,
        since=row.asked_at,
        command=f"hive answer {row.id} {ANSWER}",
        question=row,
    )


def _of_mail(row: UnreadRow) -> Need:
    """One item for each sender: its newest message, and how many more there are."""
    more = f"  (+{row.count - 1} more)" if row.count > 1 else ""
    return Need(
        kind=NeedKind.MAIL,
        key=f"mail-{names.container_name(row.sender)}",
        agent=row.sender,
        sentence=_first_line(row.newest.body, 160) + more,
        since=row.newest.sent_at,
        command=commands.of_agent(NeedKind.MAIL, row.sender),
        actions=("read", "reply"),
        mail_ids=(row.newest.id,),
    )


def _first_line(text: str, limit: int) -> str:
    line = next((stripped for line in text.splitlines() if (stripped := line.strip())), "")
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
