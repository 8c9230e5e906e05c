"""How other components use telemetry. Every function takes the directory first.

Agents have the broker's names. Telemetry cannot lose mail: when it does not run its callers get
`unavailable`, and harnesses keep their events in an outbox.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from actors.store import api as store
from actors.store.messages import Database
from actors.supervision import Directory
from actors.telemetry import queries, series, totals, turn_log
from actors.telemetry.messages import BeginHistory, Publish, Sample, Summary, TurnEnded
from actors.telemetry.series import Series
from actors.telemetry.totals import Costs, Totals
from actors.telemetry.turn_log import Page
from harness.wire.limits import DEFAULT_HISTORY, DEFAULT_TURNS
from harness.wire.live.facets import Facet
from harness.wire.names import broker_name
from harness.wire.operator_rows import TurnRow

__all__ = ["Summary"]

TELEMETRY = "telemetry"
ASK_SECONDS = 30.0


def publish(directory: Directory, agent: str, events: Sequence[Mapping[str, Any]]) -> int:
    """Store live events, then show them to the operator; how many. Unknown shapes are stored and shown too."""
    stored: int = directory.ask(TELEMETRY, Publish(broker_name(agent), tuple(events)), timeout=ASK_SECONDS)
    return stored


def turn_ended(directory: Directory, agent: str, stats: Mapping[str, Any]) -> None:
    """Store one turn's figures and its points in the series; `bad_request` when they are no TurnStats."""
    directory.ask(TELEMETRY, TurnEnded(broker_name(agent), stats), timeout=ASK_SECONDS)


def begin_history(directory: Directory, agent: str) -> None:
    """The name has a new owner: what was reported under it before is kept, and is not the new one's."""
    directory.ask(TELEMETRY, BeginHistory(broker_name(agent)), timeout=ASK_SECONDS)


def sample(directory: Directory, agent: str, key: str, value: float) -> None:
    """Add a point to a series that no turn reports. Never waits; the point is lost while telemetry does not run."""
    directory.tell(TELEMETRY, Sample(broker_name(agent), key, value))


def log(
    directory: Directory,
    *,
    agent: str,
    limit: int = DEFAULT_HISTORY,
    before: int | None = None,
    after: int | None = None,
    at_ms: int | None = None,
    only: Facet | None = None,
) -> Page:
    """A page of an agent's turn log: its live events `{agent, id, at, event, known}` and its turns, oldest first.

    The newest below the id `before`, the oldest above `after`, or those from the moment `at_ms` (milliseconds UTC) on;
    without any of them the last ones. `known` is false for a shape that this version does not know; `event` is then
    what the harness sent.
    """
    query = turn_log.page(broker_name(agent), limit, before=before, after=after, at_ms=at_ms, only=only)
    return store.read(directory, query, Database.TELEMETRY)


def turns(directory: Directory, *, agent: str, limit: int = DEFAULT_TURNS) -> list[TurnRow]:
    """The newest turns of one agent, oldest first."""
    return store.read(directory, queries.turns(broker_name(agent), limit), Database.TELEMETRY)


def stats(directory: Directory, *, since_ms: int, agent: str | None = None) -> Series:
    """Every series from `since_ms` (milliseconds UTC) on, of one agent or of all; thinned to fit into a frame."""
    wanted = None if agent is None else broker_name(agent)
    return store.read(directory, series.series(since_ms, wanted), Database.TELEMETRY)


def costs(directory: Directory, *, since_ms: int, agent: str | None = None) -> Costs:
    """What each agent, or one, cost on each day (UTC) from that of `since_ms` on."""
    wanted = None if agent is None else broker_name(agent)
    return store.read(directory, totals.by_day(since_ms, wanted), Database.TELEMETRY)


def since_boot(directory: Directory, agent: str) -> Totals:
    """What the agent has done since its harness was started last."""
    return store.read(directory, totals.since_boot(broker_name(agent)), Database.TELEMETRY)
