"""The rows that an action of the palette can be done to: each with its name or number and what is said of it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from harness.wire import names
from harness.wire.agent_api import Question
from harness.wire.needs import NeedKind
from harness.wire.operator_rows import AgentRow, ApprovalRow
from web.app import WebApp
from web.http import urls
from web.palette.table import Action, Target
from web.presentation import agent_state, formats
from web.presentation.decision_state import is_pending
from web.sections.approvals import diffstats

SAID = 90
"""Characters of a text of an agent in a line of the palette."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A row. `key` is its name or number; `look_at` is set where it has to be looked at before it is decided."""

    key: str
    said: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    look_at: str | None = None


def candidates(app: WebApp, action: Action) -> Iterator[Candidate]:
    """The rows to which the action can be done now; raises HiveError where they cannot be read."""
    return READERS[action.target](app, action.verb)


def agent_row(row: AgentRow) -> Candidate:
    style = agent_state.style(row)
    said = row.note or row.status_text or ""
    return Candidate(
        names.container_name(row.name), f"{style.word}{' · ' if said else ''}{formats.first_line(said, SAID)}"
    )


def approval_row(row: ApprovalRow) -> Candidate:
    return Candidate(
        str(row.id), formats.first_line(f"{names.container_name(row.agent)}: {row.description or row.kind}", SAID)
    )


def question_row(row: Question) -> Candidate:
    return Candidate(str(row.id), formats.first_line(f"{names.container_name(row.asker)}: {row.question}", SAID))


APPLIES: Mapping[str, Callable[[AgentRow], bool]] = {
    "start": lambda row: not row.running,
    "stop": lambda row: row.running,
    "restart": lambda row: row.running,
    "rebuild": lambda row: row.running,
    "kick": lambda row: row.running,
    "pause": lambda row: row.running and not row.paused,
    "resume": lambda row: row.paused,
    "cancel": lambda row: row.running,
    "agent": lambda row: row.running,
    "lift": lambda row: row.suspended is not None,
    "destroy": lambda row: row.role != "manager",
}
"""The verbs that fit some agents only. A verb that ends a wait (`stop-now`) fits those that wait for it."""


def _agents(app: WebApp, verb: str) -> Iterator[Candidate]:
    ends_a_wait = verb.endswith("-now")
    applies = APPLIES.get(verb, _always)
    for row in app.rows.agents().value:
        fits = agent_state.order_for_now(row) == verb.removesuffix("-now") if ends_a_wait else applies(row)
        if row.role != "peer" and fits:
            yield agent_row(row)


def _always(_row: AgentRow) -> bool:
    return True


def _recipients(app: WebApp, _verb: str) -> Iterator[Candidate]:
    return map(agent_row, app.rows.agents().value)


def _approvals(app: WebApp, verb: str) -> Iterator[Candidate]:
    for row in reversed(app.rows.approvals().value):
        match verb:
            case "approve" if is_pending(row):
                yield _to_approve(app, row)
            case "deny" if is_pending(row):
                yield approval_row(row)
            case "withdraw" if is_pending(row) and row.requested_by == "operator":
                yield approval_row(row)
            case "request-again" if row.status == "denied":
                yield approval_row(row)
            case "revert" if row.kind == "apply_commit" and (row.tag or "").startswith("deployed/"):
                yield approval_row(row)


def _to_approve(app: WebApp, row: ApprovalRow) -> Candidate:
    """As its row does it: at once where the whole of it is small enough to be seen, else it has to be looked at."""
    shown, stat = approval_row(row), diffstats(app, [row])[row.id]
    if stat.error is not None or stat.unshown or stat.undoes:
        return Candidate(shown.key, shown.said, look_at=urls.approval(row.id))
    said = f"{shown.said}  +{stat.added} -{stat.removed}"
    return Candidate(shown.key, said, {"sha": stat.sha, "base_sha": stat.base})


def _questions(app: WebApp, verb: str) -> Iterator[Candidate]:
    for row in reversed(app.rows.questions().value):
        if row.status == "pending" and (verb != "answer-question" or row.target == names.OPERATOR):
            yield question_row(row)


def _reminders(app: WebApp, verb: str) -> Iterator[Candidate]:
    for row in app.rows.reminders().value.reminders:
        if verb != "retry-reminder" or row.last_error:
            yield Candidate(str(row.id), formats.first_line(f"{names.container_name(row.agent)}: {row.message}", SAID))


def _dead_letters(app: WebApp, _verb: str) -> Iterator[Candidate]:
    for need in app.rows.needs().value.needs:
        if need.kind is NeedKind.DEAD_LETTER:
            said = f"to {names.container_name(need.agent)}: {need.sentence}"
            yield Candidate(need.key.rpartition("-")[2], formats.first_line(said, SAID))


def _tombstones(app: WebApp, _verb: str) -> Iterator[Candidate]:
    return (Candidate(row.name, "kept state") for row in app.rows.tombstones().value)


def _drafts(app: WebApp, _verb: str) -> Iterator[Candidate]:
    return (Candidate(str(row.get("name", "")), "draft") for row in app.rows.drafts().value)


READERS: Mapping[Target, Callable[[WebApp, str], Iterator[Candidate]]] = {
    Target.NOTHING: lambda _app, _verb: iter((Candidate(""),)),
    Target.AGENT: _agents,
    Target.RECIPIENT: _recipients,
    Target.APPROVAL: _approvals,
    Target.QUESTION: _questions,
    Target.REMINDER: _reminders,
    Target.DEAD_LETTER: _dead_letters,
    Target.TOMBSTONE: _tombstones,
    Target.DRAFT: _drafts,
}
