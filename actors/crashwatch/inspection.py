"""`hive verify`: look at everything the hive promises, now. Reads only; runs in the greenlet of the request.

What speaks against a promise for a moment only (a message just came, an actor just restarts) is looked at twice.
"""

import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import gevent

from actors import supervision
from actors.agent.addresses import SOCKET, agent_with
from actors.agent.registry import api as agents
from actors.agent.registry import children
from actors.approvals import api as approvals
from actors.broker import api as broker
from actors.crashwatch import promises
from actors.crashwatch.promises import Agent
from actors.daemon_settings import DaemonSettings
from actors.quarantine import api as quarantine
from actors.store import api as store
from actors.store.messages import Database
from actors.supervision import Clock, Directory, Restart, SupervisionError
from harness.wire import names, times
from harness.wire.errors import HiveError
from harness.wire.operator_rows import PromiseRow

SECOND_LOOK_SECONDS = 0.3
SHOWN = 5
LOOP = 6
"""Restarts in a minute that make a loop: a few are a repair."""
LOOP_MS = 60_000


def inspect(directory: Directory, config: DaemonSettings, clock: Clock) -> list[PromiseRow]:
    """Every promise with its verdict."""

    def all_agents() -> list[Agent]:
        counts = broker.counts(directory)
        return [Agent(one, counts.get(names.broker_name(one.record.name))) for one in agents.snapshots(directory)]

    def desired() -> str:
        return "; ".join(promises.excused(all_agents())) or "every agent that is wanted runs"

    return [
        _row("actors", lambda: _actors_down(directory, clock.now_ms()), lambda: "every actor of the tree is up"),
        _row("dashboard", lambda: _page(directory, config), lambda: _where(config)),
        _row(
            "wake",
            lambda: promises.lost_wakes(all_agents(), clock.now_ms(), clock.running_ms()),
            lambda: _mail(all_agents()),
        ),
        _row("turns", lambda: promises.failing(all_agents()), lambda: "no agent tries a message again and again"),
        _row(
            "logins",
            lambda: promises.logins(all_agents(), clock.now_ms()),
            lambda: "no agent lacks its login, and none ends soon",
        ),
        _row("dead letters", lambda: promises.dead_letters(all_agents()), lambda: "no message was set aside"),
        _row("leases", lambda: promises.orphaned_leases(all_agents()), lambda: "every lease has a running container"),
        _row("desired", lambda: promises.neglected(all_agents(), children.states(directory), clock.now_ms()), desired),
        _row("sockets", lambda: _missing_sockets(directory, config), lambda: "every socket is there"),
        *(_row(f"database {one.value}", *_integrity(directory, one)) for one in Database),
        _row("rows", lambda: _quarantined(directory), lambda: "every row can be read, and no file was put aside"),
        _row("decisions", lambda: _decisions(directory), lambda: "the log of decisions is whole"),
    ]


def _row(name: str, against: Callable[[], list[str]], fine: Callable[[], str]) -> PromiseRow:
    try:
        first = against()
        if not first:
            return PromiseRow(name=name, held=True, detail=fine())
        gevent.sleep(SECOND_LOOK_SECONDS)
        again = against()
    except (HiveError, SupervisionError, OSError) as error:
        return PromiseRow(name=name, held=None, detail=f"could not be looked at: {error}")
    # The sentences have ages in them: the same trouble is the one about the same agent.
    lasting = [one for one in again if one.split()[0] in {other.split()[0] for other in first}]
    if not lasting:
        return PromiseRow(name=name, held=True, detail=f"for a moment only: {first[0]}")
    more = f"; and {len(lasting) - SHOWN} more" if len(lasting) > SHOWN else ""
    return PromiseRow(name=name, held=False, detail="; ".join(lasting[:SHOWN]) + more)


def _mail(all_agents: list[Agent]) -> str:
    pending = sum(agent.counts.pending for agent in all_agents if agent.counts is not None)
    leased = sum(agent.counts.leased for agent in all_agents if agent.counts is not None)
    return f"{pending} messages pending, {leased} in turns, none forgotten"


def _restarts_within(reasons: Iterable[Mapping[str, str]], now_ms: int) -> int:
    # One in the future is from before the clock was set back.
    return sum(0 <= now_ms - times.to_ms(one["at"]) <= LOOP_MS for one in reasons)


def _page(directory: Directory, config: DaemonSettings) -> list[str]:
    """Why the dashboard does not answer, by the states of its actors."""
    if not config.web_port:
        return []
    web: list[dict[str, object]] = next(
        (one["children"] for one in supervision.tree(directory)["children"] if one["name"] == "web"), []
    )
    states = {one["name"]: str(one["state"]) for one in web}
    if states.get("page") == "answers":
        return []
    port = states.get("port", "its actors are not there")
    return [port if not port.startswith("holds") else f"web_port {config.web_port} is held, and no page answers"]


def _actors_down(directory: Directory, now_ms: int) -> list[str]:
    """Actors outside the agents that their supervisor has given up, or that start again and again."""

    def down(node: dict[str, object], path: str) -> Iterator[str]:
        children = node["children"]
        assert isinstance(children, list)
        for child in children:
            name = f"{path}{child['name']}"
            given_up = child["state"] == "down" and child["restart"] == Restart.PERMANENT
            if (given_up or child["state"] == "restarting") and path != "agents/":
                yield f"{name} is {child['state']}: {child['last_error']}"
            elif path != "agents/" and (often := _restarts_within(child["reasons"], now_ms)) >= LOOP:
                yield f"{name} starts again and again, {often} times in a minute: {child['last_error']}"
            if name != "agents":
                yield from down(child, f"{name}/")

    return list(down(supervision.tree(directory), ""))


def _where(config: DaemonSettings) -> str:
    return f"the page answers at web_port {config.web_port}" if config.web_port else "web_port is 0: there is none"


def _missing_sockets(directory: Directory, config: DaemonSettings) -> list[str]:
    wanted = [config.host_socket, config.web_socket]
    wanted += [agents.paths(directory, name).socket for name in _with_a_socket(directory)]
    return [f"{path} is not there" for path in wanted if not _is_socket(path)]


def _with_a_socket(directory: Directory) -> list[str]:
    return [agent for name in directory.names() if (agent := agent_with(SOCKET, name)) is not None]


def _is_socket(path: Path) -> bool:
    try:
        return stat.S_ISSOCK(path.stat().st_mode)
    except OSError:
        return False


def _integrity(directory: Directory, database: Database) -> tuple[Callable[[], list[str]], Callable[[], str]]:
    def check(connection: sqlite3.Connection) -> list[str]:
        return [row[0] for row in connection.execute("PRAGMA quick_check(10)") if row[0] != "ok"]

    return lambda: store.read(directory, check, database), lambda: "SQLite finds nothing wrong with it"


def _quarantined(directory: Directory) -> list[str]:
    return [
        one.reason if one.table == quarantine.FILES else f"{one.table}/{one.key} cannot be read: {one.reason}"
        for one in quarantine.look(directory)
    ]


def _decisions(directory: Directory) -> list[str]:
    found = approvals.verify(directory)
    return [] if found is None else [f"decision {found.id}: {found.reason}"]
