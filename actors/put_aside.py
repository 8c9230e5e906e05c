"""Damaged files of the state: put aside under a name with the time, so that the hive starts and nothing is lost.

The quarantine lists them until the operator deletes them.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

MARK = ".damaged-"
PLACES: Sequence[str] = ("", "db", "agents/*", "agents/*/harness")
"""The folders below the state dir and the run dir in which such files are."""


def put_aside(path: Path, reason: object, now_ms: int) -> Path | None:
    """Give the file another name beside it; None, and a line in the log, when that cannot be done."""
    at = datetime.fromtimestamp(now_ms / 1000, UTC).strftime("%Y%m%dT%H%M%S")
    aside = path.with_name(f"{path.name}{MARK}{at}{now_ms % 1000:03d}Z")
    shown = " ".join(str(reason).split())[:300]
    try:
        path.rename(aside)
    except OSError as error:
        log.error("damaged file stays where it is file=%s reason=%s error=%s", path, shown, error)  # noqa: TRY400 — a reason
        return None
    log.error("damaged file put aside file=%s as=%s reason=%s", path, aside.name, shown)
    return aside


def put_aside_below(*roots: Path) -> Iterator[Path]:
    """The files that were put aside below these folders."""
    for root in roots:
        for place in PLACES:
            yield from sorted(root.glob(f"{place}/*{MARK}*" if place else f"*{MARK}*"))
