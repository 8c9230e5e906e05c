"""How others use telemetry. Every function takes the directory first.

Agents are named as the broker names them. Nothing here can lose mail: when telemetry is away its
callers get `unavailable` and harnesses keep their events in an outbox.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from actors.store import api as store
from actors.store.messages import Database
from actors.supervision import Directory
from actors.telemetry import charts, queries
from actors.telemetry.charts import Series
from actors.telemetry.messages import GetSummaries, Publish, Sample, Summary, TurnEnded
from harness.wire.limits import DEFAULT_HISTORY, DEFAULT_TURNS
from harness.wire.names import broker_name
from harness.wire.operator_rows import TurnRow

__all__ = ["Summary"]

TELEMETRY = "telemetry"
ASK_SECONDS = 30.0


def publish(directory: Directory, agent: str, events: Sequence[Mapping[str, Any]]) -> int:
    """Store live events and show them to the operator; how many. Unknown shapes are stored and shown too."""
    stored: int = directory.ask(TELEMETRY, Publish(broker_name(agent), tuple(events)), timeout=ASK_SECONDS)
    return stored


def turn_ended(directory: Directory, agent: str, stats: Mapping[str, Any]) -> None:
    """Store one turn's figures and its points in the series; `bad_request` when they are no TurnStats."""
    directory.ask(TELEMETRY, TurnEnded(broker_name(agent), stats), timeout=ASK_SECONDS)


def sample(directory: Directory, agent: str, key: str, value: float) -> None:
    """Add a point to a series that no turn reports. Never waits; lost while telemetry is away."""
    directory.tell(TELEMETRY, Sample(broker_name(agent), key, value))


def summaries(directory: Directory, agents: Sequence[str] | None = None) -> dict[str, Summary]:
    """What rows show of each agent's turns, from memory; an agent without turns has an empty summary."""
    wanted = None if agents is None else tuple(broker_name(agent) for agent in agents)
    reply: dict[str, Summary] = directory.ask(TELEMETRY, GetSummaries(wanted), timeout=ASK_SECONDS)
    return reply


def live_history(
    directory: Directory, *, agent: str, limit: int = DEFAULT_HISTORY, before: int | None = None
) -> list[dict[str, Any]]:
    """Stored live events `{agent, id, at, event, known}`, oldest first; `before` is an id to page back from.

    `known` is false for a shape this version does not know; `event` is then what the harness sent.
    """
    return store.read(directory, queries.live_history(broker_name(agent), limit, before), Database.TELEMETRY)


def turns(directory: Directory, *, agent: str, limit: int = DEFAULT_TURNS) -> list[TurnRow]:
    """The newest turns of one agent, oldest first."""
    return store.read(directory, queries.turns(broker_name(agent), limit), Database.TELEMETRY)


def stats(directory: Directory, *, since_ms: int, agent: str | None = None) -> Series:
    """Every series from `since_ms` (milliseconds UTC) on, of one agent or of all; thinned when it is very much."""
    wanted = None if agent is None else broker_name(agent)
    return store.read(directory, charts.series(since_ms, wanted), Database.TELEMETRY)
