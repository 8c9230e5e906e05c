"""What is shown of each row of a tree: who, when, the beginning of the text. Runs in the store's reading threads."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from actors.approvals.queries import APPROVALS
from actors.broker.tables import MESSAGES, TURNS
from actors.questions.queries import QUESTIONS
from actors.scheduler.queries import REMINDERS
from actors.telemetry.queries import TURNS as FIGURES
from harness.wire.boundary.causes import CauseKind, CauseName
from harness.wire.names import broker_name

TEXT_CHARACTERS = 300

_SQL = {
    CauseKind.MESSAGE: (
        f"SELECT id, sent_at, sender, recipient, substr(body, 1, {TEXT_CHARACTERS + 1}), kind,"  # noqa: S608 — our own names
        f" COALESCE(thread, id) FROM messages WHERE {MESSAGES.readable}"
    ),
    CauseKind.QUESTION: (
        f"SELECT id, asked_at, asker, target, substr(question, 1, {TEXT_CHARACTERS + 1}), status, NULL"  # noqa: S608 — as above
        f" FROM questions WHERE {QUESTIONS.readable}"
    ),
    CauseKind.REMINDER: (
        f"SELECT id, created_at, agent, NULL, substr(message, 1, {TEXT_CHARACTERS + 1}),"  # noqa: S608 — as above
        " CASE WHEN sent_at IS NULL THEN 'waits' ELSE 'delivered' END, NULL"
        f" FROM reminders WHERE {REMINDERS.readable}"
    ),
    CauseKind.APPROVAL: (
        "SELECT id, requested_at, requested_by, agent,"  # noqa: S608 — as above
        f" substr(COALESCE(description, kind), 1, {TEXT_CHARACTERS + 1}), status, NULL"
        f" FROM approvals WHERE {APPROVALS.readable}"
    ),
}
_TURN = f"""
    SELECT began_at, settled_at, EXISTS (
        SELECT 1 FROM turn_messages JOIN messages ON messages.id = message_id
        WHERE turn_messages.agent = ?1 AND turn_messages.number = ?2 AND leased_at IS NOT NULL AND acked_at IS NULL
    ) FROM agent_turns WHERE agent = ?1 AND number = ?2 AND {TURNS.readable}
"""  # noqa: S608 — as above
_FIGURES = f"""
    SELECT duration_ms, outcome, cost_usd, stats FROM turns
    WHERE agent = ? AND number = ? AND {FIGURES.readable} ORDER BY id DESC LIMIT 1
"""  # noqa: S608 — as above


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of any kind. `status` is its state, of a message its kind; times are milliseconds UTC."""

    at: int | None = None
    who: str = ""
    to: str | None = None
    text: str = ""
    status: str | None = None
    thread: int | None = None
    duration_ms: int | None = None
    cost_usd: float | None = None
    tools: int | None = None


def shown(connection: sqlite3.Connection, names: Iterable[CauseName]) -> dict[CauseName, Shown]:
    """Those of these rows that are kept and can be read. The figures of turns come from `with_figures`."""
    wanted, found = list(names), {}
    for kind, text in _SQL.items():
        numbers = json.dumps([name.number for name in wanted if name.kind is kind])
        for id_, at, who, to, words, status, thread in connection.execute(
            f"{text} AND id IN (SELECT value FROM json_each(?))",  # noqa: S608 — as above
            (numbers,),
        ):
            known = None if to is None else broker_name(to)
            found[CauseName(kind, id_)] = Shown(at, broker_name(who), known, _cut(words), status, thread)
    for name in wanted:
        if name.kind is CauseKind.TURN:
            row = connection.execute(_TURN, (name.agent, name.number)).fetchone()
            if row is not None:
                found[name] = Shown(row[0], name.agent, status=_state(settled=row[1] is not None, holds=bool(row[2])))
    return found


def _state(*, settled: bool, holds: bool) -> str | None:
    """How a turn without figures stands: when its container ended, its mail went back and nobody settled it."""
    return None if settled else "running" if holds else "cut off"


def with_figures(connection: sqlite3.Connection, rows: Mapping[CauseName, Shown]) -> dict[CauseName, Shown]:
    """The same rows, and what telemetry has of their turns. Of its own database."""
    found = dict(rows)
    for name, row in rows.items():
        if name.kind is not CauseKind.TURN:
            continue
        figures = connection.execute(_FIGURES, (name.agent, name.number)).fetchone()
        if figures is not None:
            duration_ms, outcome, cost_usd, stats = figures
            found[name] = replace(
                row, duration_ms=duration_ms, status=outcome, cost_usd=cost_usd, tools=_calls(json.loads(stats))
            )
    return found


def _calls(stats: Any) -> int | None:
    """How many calls of tools a turn had; None where its figures are of another form."""
    tools = stats.get("tools") if isinstance(stats, dict) else None
    if not isinstance(tools, dict):
        return None
    return int(sum(one for one in tools.values() if isinstance(one, int | float)))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_CHARACTERS else text[:TEXT_CHARACTERS] + "…"
