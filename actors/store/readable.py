"""Rows of any age as records: one that cannot be read is shown as an error row and never takes the list with it."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

log = logging.getLogger(__name__)

S = TypeVar("S")
R = TypeVar("R")


def readable(rows: Iterable[S], read: Callable[[S], R], error_row: Callable[[S, str], R]) -> list[R]:
    """`read` of each row; where that fails, `error_row` of the row and the reason."""
    found: list[R] = []
    for row in rows:
        try:
            found.append(read(row))
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            reason = f"this row cannot be read: {_first_line(error)}"
            log.warning("row not read reason=%s", reason)
            found.append(error_row(row, reason))
    return found


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
