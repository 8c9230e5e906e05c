"""The turn log of an agent as one list: its live events, and before those of each turn what is known of the turn."""

from collections.abc import Iterable, Mapping
from typing import Any

from actors.cli.client import DaemonClient

PAGE_ROWS = 1000
Record = dict[str, Any]


def newest(daemon: DaemonClient, count: int, **query: Any) -> list[Record]:
    """The last `count` events and the turns around them, oldest first; all of them where there are fewer."""
    rows: list[Record] = []
    turns: list[Record] = []
    before = None
    while True:
        page = daemon.request("live_history", limit=min(count - _count(rows, turns), PAGE_ROWS), before=before, **query)
        rows, turns = page["rows"] + rows, page["turns"] + turns
        before = page["older"]
        if before is None or _count(rows, turns) >= count:
            return together(rows, turns)


def since(daemon: DaemonClient, count: int, at: str, **query: Any) -> list[Record]:
    """The first `count` events from a moment on (a time of the wire), and the turns around them, oldest first."""
    rows: list[Record] = []
    turns: list[Record] = []
    after, start = None, {"at": at}
    while True:
        limit = min(count - _count(rows, turns), PAGE_ROWS)
        page = daemon.request("live_history", limit=limit, **(start if after is None else {"after": after}), **query)
        rows, turns = rows + page["rows"], turns + page["turns"]
        after = page["newer"]
        if after is None or _count(rows, turns) >= count:
            return together(rows, turns)


def _count(rows: list[Record], turns: list[Record]) -> int:
    """How many events, a turn whose events are gone being one."""
    first = rows[0]["id"] if rows else None
    return len(rows) + len({turn["id"] for turn in turns if first is None or turn["last_event"] < first})


def together(rows: Iterable[Record], turns: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Events and turns in the order of the log. A turn becomes a record with an event of the kind `turn`."""
    heads = {turn["id"]: head(turn) for turn in turns}
    placed = [(one["id"], 0, one) for one in heads.values()] + [(row["id"], 1, row) for row in rows]
    return [one for _, _, one in sorted(placed, key=lambda item: item[:2])]


def head(turn: Mapping[str, Any]) -> Record:
    """A TurnRow as a record of the log; it stands where its first event stands."""
    stats = turn["stats"]
    event = {"kind": "turn", **stats} | ({"error": turn["error"]} if turn.get("error") else {})
    at = stats.get("started_at") or "1970-01-01T00:00:00.000Z"
    return {"agent": turn["agent"], "id": turn["first_event"], "at": at, "event": event, "known": True}
