"""The SQL of the questions: columns by name, so that a row of any age shows."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from actors.deadlines import COLUMNS as DEADLINE
from actors.deadlines import Deadline, read
from actors.questions.states import QuestionStatus
from actors.store.readable import readable
from actors.store.stored_table import COUNT, FLAG, ID, TEXT, TEXTS, TIME, StoredTable, Unreadable, one_of, optional
from harness.wire import times
from harness.wire.agent_api import Question
from harness.wire.boundary import causes
from harness.wire.boundary.frame import shown

Rows = Callable[[sqlite3.Connection], list[Question]]

_COLUMNS = (
    "id", "asker", "target", "question", "options", "multi", "free_text", "asked_at", "deadline_at", "status", "answer",
    "answerer", "resolved_at", "cause",
)  # fmt: skip
QUESTIONS = StoredTable(
    "questions",
    ("id",),
    {
        "id": ID, "asker": TEXT, "target": TEXT, "question": TEXT, "options": TEXTS, "multi": FLAG,
        "free_text": FLAG, "asked_at": TIME, "deadline_at": optional(TIME), "duration_ms": optional(COUNT),
        "running_ms": optional(COUNT), "boot": optional(TEXT), "status": one_of(QuestionStatus),
        "answer": optional(TEXT), "answerer": optional(TEXT), "resolved_at": optional(TIME), "cause": optional(TEXT),
    },
)  # fmt: skip
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM questions "  # noqa: S608 — names of columns, not words of a client
_HIGHEST = f"SELECT COALESCE(MAX(id), 0) FROM questions WHERE {ID.holds('id')}"  # noqa: S608 — as above
_PENDING = f"status = '{QuestionStatus.PENDING.value}'"
RECENT = 100


def insert(question: Question, deadline: Deadline | None) -> Callable[[sqlite3.Connection], None]:
    """A unit that stores a new question."""
    at_ms, more = (None, (None,) * len(DEADLINE)) if deadline is None else (deadline.at_ms, deadline.columns)
    values = (
        question.id, question.asker, question.target, question.question, json.dumps(question.options),
        int(question.multi), int(question.free_text), times.to_ms(question.asked_at), at_ms, question.status,
    )  # fmt: skip

    def unit(connection: sqlite3.Connection) -> None:
        columns = ", ".join((*_COLUMNS[: len(values)], *DEADLINE, "cause"))
        marks = ", ".join("?" * (len(values) + len(more) + 1))
        connection.execute(
            f"INSERT INTO questions ({columns}) VALUES ({marks})",  # noqa: S608 — as above
            (*values, *more, question.cause),
        )

    return unit


def move(deadlines: Mapping[int, Deadline]) -> Callable[[sqlite3.Connection], None]:
    """A unit that stores where these questions' deadlines, by id, are now."""

    def unit(connection: sqlite3.Connection) -> None:
        connection.executemany(
            "UPDATE questions SET deadline_at = ?, duration_ms = ?, running_ms = ?, boot = ? WHERE id = ?",
            [(deadline.at_ms, *deadline.columns, id_) for id_, deadline in deadlines.items()],
        )

    return unit


def deadlines(connection: sqlite3.Connection) -> dict[int, Deadline]:
    """Those of the pending questions that have one, by id."""
    wanted = (
        f"SELECT id, deadline_at, {', '.join(DEADLINE)} FROM questions "  # noqa: S608 — names of columns
        f"WHERE {_PENDING} AND deadline_at IS NOT NULL AND {QUESTIONS.readable} ORDER BY id"
    )
    return {row[0]: read(row[1], row[2:]) for row in connection.execute(wanted)}


def resolve(
    question_id: int, status: QuestionStatus, answer: str, answerer: str, now_ms: int
) -> Callable[[sqlite3.Connection], None]:
    """A unit that ends a pending question; the actor has checked that it is pending."""

    def unit(connection: sqlite3.Connection) -> None:
        done = connection.execute(
            "UPDATE questions SET status = ?, answer = ?, answerer = ?, resolved_at = ? WHERE id = ? AND status = ?",
            (status.value, answer, answerer, now_ms, question_id, QuestionStatus.PENDING.value),
        )
        if done.rowcount != 1:
            raise RuntimeError(f"question {question_id} is not pending in the database")

    return unit


def last_id(connection: sqlite3.Connection) -> int:
    """The highest id in use."""
    (highest,) = connection.execute(_HIGHEST).fetchone()
    return int(highest)


def pending(connection: sqlite3.Connection) -> list[Question]:
    """Every question without an end, oldest first."""
    return _rows(connection, f"{_PENDING} ORDER BY id", ())


def recent(connection: sqlite3.Connection) -> list[Question]:
    """Every pending question and the latest of the others, oldest first, after those that cannot be read."""
    latest = f"SELECT id FROM questions WHERE {QUESTIONS.readable} ORDER BY id DESC LIMIT ?"  # noqa: S608 — as above
    where = f"({_PENDING} OR id IN ({latest})) ORDER BY id"
    return QUESTIONS.error_rows(connection, _unreadable) + _rows(connection, where, (RECENT,))


def one(question_id: int) -> Rows:
    """A list with that question, or an empty one."""
    return lambda connection: _rows(connection, "id = ?", (question_id,))


def of(name: str) -> Rows:
    """The pending questions to and from `name`."""
    where = f"{_PENDING} AND (asker = ? OR target = ?) ORDER BY id"
    return lambda connection: _rows(connection, where, (name, name))


def _rows(connection: sqlite3.Connection, where: str, values: tuple[Any, ...]) -> list[Question]:
    found = connection.execute(f"{_SELECT} WHERE {QUESTIONS.readable} AND {where}", values)
    rows = (dict(zip(_COLUMNS, row, strict=True)) for row in found)
    return readable(rows, _question, _error_row)


def _question(row: dict[str, Any]) -> Question:
    moments = {key: None if row[key] is None else times.from_ms(row[key]) for key in ("deadline_at", "resolved_at")}
    return Question.model_validate(
        row
        | moments
        | {
            "asked_at": times.from_ms(row["asked_at"]),
            "options": shown(json.loads(row["options"])),
            "multi": bool(row["multi"]),
            "free_text": bool(row["free_text"]),
            "cause": causes.known(row["cause"]),
        }
    )


def _error_row(row: dict[str, Any], reason: str) -> Question:
    return Question(
        id=row["id"],
        asker=str(row["asker"]),
        target=str(row["target"]),
        question=reason,
        options=[],
        multi=False,
        asked_at=times.from_ms(0),
        status=str(row["status"]),
    )


def _unreadable(row: Unreadable) -> Question:
    return Question(
        id=row.number,
        asker="",
        target="",
        question=row.sentence,
        options=[],
        multi=False,
        asked_at=times.from_ms(0),
        status="unreadable",
    )
