"""Sums over the series: what each agent cost on each day, and what one agent has done since it was started.

Runs in a reading thread. Every sum reads the points of its keys alone, by the primary key (agent, key, ts).
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field

from actors.telemetry import histories
from actors.telemetry.rollup import DAY_MS
from actors.telemetry.series import STATS
from harness.wire.names import HIVE_WIDE

Costs = dict[str, list[list[float]]]
"""By agent, the dearest first: [[the day's first millisecond UTC, dollars, turns], …], oldest first."""

MAX_AGENTS = 20
"""Agents whose costs are told one by one."""

_AGENTS = """
    WITH RECURSIVE names (agent) AS (
        SELECT min(agent) FROM stats
        UNION ALL SELECT (SELECT min(agent) FROM stats WHERE agent > names.agent) FROM names WHERE agent IS NOT NULL
    )
"""
_BY_DAY = f"""
    {_AGENTS} SELECT names.agent, stats.ts / {DAY_MS}, sum(stats.value), count(*) FROM names
    JOIN stats ON stats.agent = names.agent AND stats.key = 'cost_usd' AND stats.ts >= :since
    WHERE {STATS.readable} AND (:agent IS NULL OR names.agent = :agent) AND instr(names.agent, '{histories.FORMER}') = 0
    GROUP BY 1, 2 ORDER BY 1, 2
"""  # noqa: S608 — our own SQL, as below
_BOOTED = (
    f"SELECT at FROM events WHERE agent = ? AND {histories.own('events')} AND kind = 'state'"  # noqa: S608
    " AND json_valid(payload) AND json_extract(payload, '$.state') = 'booting' ORDER BY id DESC LIMIT 1"
)
_SUMS = f"""
    SELECT key, sum(value) FROM stats
    WHERE agent = ? AND key >= ? AND key < ? AND ts >= ? AND {STATS.readable} GROUP BY key
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of one agent since `since_ms`; None: since the oldest figure that is kept."""

    since_ms: int | None
    turns: int = 0
    cost_usd: float | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    tools: dict[str, int] = field(default_factory=dict)
    """The calls of each tool, the most used first."""


def by_day(since_ms: int, agent: str | None) -> Callable[[sqlite3.Connection], Costs]:
    """What each agent, or one, cost on each day (UTC) from that of `since_ms` on."""

    def run(connection: sqlite3.Connection) -> Costs:
        found: Costs = {}
        wanted = {"since": since_ms // DAY_MS * DAY_MS, "agent": agent}
        for name, day, dollars, turns in connection.execute(_BY_DAY, wanted):
            found.setdefault(name, []).append([day * DAY_MS, dollars, turns])
        return _dearest(found)

    return run


def _dearest(costs: Costs) -> Costs:
    """The agents that cost most, and the others together under `HIVE_WIDE`."""
    ranked = sorted(costs, key=lambda name: (-sum(dollars for _, dollars, _ in costs[name]), name))
    others: dict[float, list[float]] = {}
    for name in ranked[MAX_AGENTS:]:
        for day, dollars, turns in costs[name]:
            sums = others.setdefault(day, [day, 0.0, 0])
            sums[1] += dollars
            sums[2] += turns
    found = {name: costs[name] for name in ranked[:MAX_AGENTS]}
    return found | {HIVE_WIDE: [others[day] for day in sorted(others)]} if others else found


def since_boot(agent: str) -> Callable[[sqlite3.Connection], Totals]:
    """What the agent has done since its harness was started last."""

    def run(connection: sqlite3.Connection) -> Totals:
        row = connection.execute(_BOOTED, (agent,)).fetchone()
        since = row[0] if row is not None and isinstance(row[0], int) else None

        def sums(prefix: str, beyond: str) -> dict[str, float]:
            rows = connection.execute(_SUMS, (agent, prefix, beyond, since or 0)).fetchall()
            return {key.partition(".")[2] or key: value for key, value in rows}

        single = sums("cost_usd", "cost_usd\0") | sums("turns", "turns\0")
        tools = sorted(sums("tool.", "tool/").items(), key=lambda pair: (-pair[1], pair[0]))
        return Totals(
            since,
            turns=round(single.get("turns", 0)),
            cost_usd=single.get("cost_usd"),
            tokens={kind: round(count) for kind, count in sums("tokens.", "tokens/").items()},
            tools={name: round(count) for name, count in tools if count},
        )

    return run
