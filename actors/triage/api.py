"""The interface of the triage: one typed function per request. Every one may raise HiveError."""

from collections.abc import Iterable

from actors.store import api as store
from actors.supervision import Directory
from actors.triage import queries
from actors.triage.latency import WINDOW_DAYS, Latency
from actors.triage.latency import latency as latency_of
from actors.triage.messages import TRIAGE, Answered, AnsweredNeed, GetSnoozes, Snooze, Wake

__all__ = ["TRIAGE", "AnsweredNeed", "Latency", "Snooze", "answered", "latency", "snooze", "snoozes", "wake"]

ASK_SECONDS = 5.0
WRITE_SECONDS = 30.0


def snoozes(directory: Directory) -> dict[str, Snooze]:
    """What is put off, by the key of the item. An item whose mark is another one has changed, and is shown."""
    found: dict[str, Snooze] = directory.ask(TRIAGE, GetSnoozes(), timeout=ASK_SECONDS)
    return found


def snooze(directory: Directory, key: str, mark: str, until_ms: int | None) -> None:
    """Put an item off until this moment, at the longest until it changes."""
    directory.ask(TRIAGE, Snooze(key, mark, until_ms), timeout=WRITE_SECONDS)


def wake(directory: Directory, key: str) -> None:
    """Show an item again; `not_found` when it is not put off."""
    directory.ask(TRIAGE, Wake(key), timeout=WRITE_SECONDS)


def answered(directory: Directory, needs: Iterable[AnsweredNeed]) -> None:
    """Note decisions of the operator. Never waits."""
    if found := tuple(needs):
        directory.tell(TRIAGE, Answered(found))


def latency(directory: Directory, now_ms: int) -> Latency:
    """How long decisions were waited for in the last days; survives restarts of the daemon."""
    since_ms = now_ms - WINDOW_DAYS * queries.DAY_MS
    return latency_of(store.read(directory, queries.durations(since_ms)))
