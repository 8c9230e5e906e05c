"""How other components ask for causes. Every function takes the directory first; `bad_request` for a name that is none.

A row that is named but not kept any more is shown by its name; `not_found` when it is the one that was asked for.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping

from actors.broker.pages import messages as pages
from actors.causes import links, rows
from actors.causes.rows import Shown
from actors.causes.tree import Neighbours, Place, Tree, grow
from actors.store import api as store
from actors.store.messages import Database
from actors.supervision import Directory
from harness.wire.boundary import causes
from harness.wire.boundary.causes import CauseKind, CauseName, CauseRow, Cost, Origin
from harness.wire.errors import HiveError, not_found
from harness.wire.names import OPERATOR, REMINDER, SYSTEM
from harness.wire.operator_api.causes import CausesReply, ThreadReply
from harness.wire.times import from_ms

MAX_ROWS = 200
MAX_THREAD = 200
"""Messages of a thread whose consequences are looked at."""

Links = Callable[[sqlite3.Connection, list[CauseName]], Mapping[CauseName, list[CauseName]]]


def why(directory: Directory, name: str) -> CausesReply:
    """What led to this, backwards."""
    return _tree(directory, causes.parse(name), links.reasons, ends=True)


def effects(directory: Directory, name: str) -> CausesReply:
    """What came of this, forwards."""
    return _tree(directory, causes.parse(name), links.effects, ends=False)


def thread(directory: Directory, message_id: int, *, limit: int, before: int | None) -> ThreadReply:
    """The conversation of a message: its messages, their turns and what those proposed."""

    def query(connection: sqlite3.Connection) -> tuple[int, pages.Thread, Tree, dict[CauseName, Shown]]:
        root = links.root_of(connection, message_id)
        if root is None:
            raise not_found(f"message {message_id}", "`hive messages` shows the numbers; old mail is not kept")
        page = pages.thread(root, limit, before)(connection)
        tree = grow(links.of_thread(connection, root, MAX_THREAD), _of(links.effects, connection), MAX_ROWS)
        return root, page, tree, rows.shown(connection, tree.names)

    root, page, tree, found = store.read(directory, query)
    shown = _with_figures(directory, found)
    given = {CauseName(CauseKind.MESSAGE, one.id) for one in page.messages}
    beside = [_row(place, shown) for place in tree.places() if _belongs(place, tree, given)]
    complete = not tree.more and page.total <= MAX_THREAD
    return ThreadReply(
        root=root,
        total=page.total,
        messages=page.messages,
        rows=sorted(beside, key=lambda row: row.at or ""),
        cost=_cost(tree.names, shown, complete=complete),
    )


def _belongs(place: Place, tree: Tree, given: set[CauseName]) -> bool:
    """Whether a row is a turn on one of these messages, or an approval or a question out of such a turn."""
    if place.again or place.name.kind is CauseKind.MESSAGE:
        return False
    turns = {one for name in given for one, _ in tree.following.get(name, []) if one.kind is CauseKind.TURN}
    return place.name in turns or any(one == place.name for turn in turns for one, _ in tree.following.get(turn, []))


def _tree(directory: Directory, root: CauseName, follow: Links, *, ends: bool) -> CausesReply:
    def query(connection: sqlite3.Connection) -> tuple[Tree, dict[CauseName, Shown]]:
        if not rows.shown(connection, [root]):
            raise _gone(root)
        tree = grow([root], _of(follow, connection), MAX_ROWS)
        found = rows.shown(connection, tree.names)
        tree.sort(lambda name: (found.get(name) or Shown()).at or 0)
        return tree, found

    tree, found = store.read(directory, query)
    shown = _with_figures(directory, found)
    return CausesReply(
        rows=[_row(place, shown, end=ends and place.name not in tree.following) for place in tree.places()],
        cost=_cost(tree.names, shown, complete=not tree.more),
    )


def _of(follow: Links, connection: sqlite3.Connection) -> Neighbours:
    return lambda names: follow(connection, list(names))


def _with_figures(directory: Directory, found: dict[CauseName, Shown]) -> dict[CauseName, Shown]:
    return store.read(directory, lambda connection: rows.with_figures(connection, found), Database.TELEMETRY)


def _gone(name: CauseName) -> HiveError:
    what = f"turn {name.number} of {name.agent}" if name.agent else f"{name.kind.value} {name.number}"
    return not_found(what, "it may be too old to be kept")


def _row(place: Place, shown: Mapping[CauseName, Shown], *, end: bool = False) -> CauseRow:
    one = shown.get(place.name, Shown())
    return CauseRow(
        name=str(place.name),
        depth=place.depth,
        at=None if one.at is None else from_ms(one.at),
        who=one.who,
        to=one.to,
        text=one.text,
        status=one.status,
        thread=one.thread,
        origin=_origin(place.name, one) if end and not place.again and not place.more else None,
        again=place.again,
        more=place.more,
        duration_ms=one.duration_ms,
        cost_usd=one.cost_usd,
        tools=one.tools,
    )


def _origin(name: CauseName, one: Shown) -> Origin:
    if one.who == OPERATOR:
        return Origin.OPERATOR
    if name.kind is CauseKind.MESSAGE and one.who in {SYSTEM, REMINDER}:
        return Origin.HIVE
    return Origin.OUTSIDE if ":" in one.who else Origin.UNKNOWN


def _cost(names: Iterable[CauseName], shown: Mapping[CauseName, Shown], *, complete: bool) -> Cost:
    turns = [(name, shown.get(name, Shown())) for name in names if name.kind is CauseKind.TURN]
    prices = [one.cost_usd for _, one in turns if one.cost_usd is not None]
    return Cost(
        turns=len(turns),
        agents=len({name.agent for name, _ in turns}),
        cost_usd=sum(prices) if prices else None,
        unpriced=len(turns) - len(prices),
        tools=sum(one.tools or 0 for _, one in turns),
        complete=complete,
    )
