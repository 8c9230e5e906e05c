"""Looking on: the event stream, live history, turns and figures, a file of an agent."""

from typing import Annotated, Any, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.limits import DEFAULT_HISTORY, DEFAULT_TURNS, MAX_HISTORY, MAX_ROWS
from harness.wire.model import Record, Reply, Request
from harness.wire.names import AgentName, Id
from harness.wire.operator_rows import TurnRow
from harness.wire.times import Timestamp
from harness.wire.verb import OPERATORS, Rows, StreamVerb, Verb

from .replies import TextReply


class Events(Request):
    cmd: Literal["events"] = "events"
    since_seq: Id | None = None


class EventsReply(Reply):
    """The first line of the stream: everything up to `seq` is in the snapshot reads.

    `epoch` changes with the daemon.
    """

    seq: int
    epoch: str


class Turns(Request):
    cmd: Literal["turns"] = "turns"
    agent: AgentName
    limit: Annotated[int, Field(ge=1, le=MAX_ROWS)] = DEFAULT_TURNS
    totals: bool = False


class Totals(Record):
    """What an agent has done since its harness was started; `since` null: since the oldest figure that is kept."""

    since: Timestamp | None
    turns: int
    cost_usd: float | None
    tokens: dict[str, int]
    tools: dict[str, int]
    """The tools used most, the most used first."""


class TurnsReply(ListReply):
    keeps_last = True

    turns: list[TurnRow]
    since_boot: Totals | None = None
    """With `totals` alone."""


class Stats(Request):
    cmd: Literal["stats"] = "stats"
    since: Timestamp
    agent: AgentName | None = None


class SeriesReply(Reply):
    """key → [[milliseconds UTC, value], …], per agent; `HIVE_WIDE` stands for no agent.

    `costs`: agent → [[the day's first millisecond UTC, dollars, turns], …] of the last `COST_DAYS` days.
    """

    series: dict[str, Any]
    costs: dict[str, list[list[float]]] = {}


class LiveHistory(Request):
    """The turn log of one agent, oldest first: the newest below `before`, or the oldest above `after` or from `at` on.

    `only` leaves out what has not that facet.
    """

    cmd: Literal["live_history"] = "live_history"
    agent: AgentName
    limit: Annotated[int, Field(ge=1, le=MAX_HISTORY)] = DEFAULT_HISTORY
    before: Id | None = None
    after: Id | None = None
    at: Timestamp | None = None
    only: Literal["errors", "tools", "mail"] | None = None


class LogReply(ListReply):
    """Live events as `rows`, and the finished turns to which they belong or whose events are gone.

    `older` is the `before` of the page before this one, `newer` the `after` of the next one; null where nothing is.
    """

    keeps_last = True

    rows: list[dict[str, Any]]
    turns: list[TurnRow] = []
    older: int | None = None
    newer: int | None = None


class StateFile(Request):
    cmd: Literal["state_file"] = "state_file"
    agent: AgentName
    rel_path: str


EVENTS = StreamVerb("events", Events, EventsReply, OPERATORS)
TURNS = Verb("turns", Turns, TurnsReply, OPERATORS)
STATS = Verb("stats", Stats, SeriesReply, OPERATORS)
LIVE_HISTORY = Verb("live_history", LiveHistory, LogReply, OPERATORS)
STATE_FILE = Verb("state_file", StateFile, TextReply, OPERATORS)

VERBS: Rows = (EVENTS, TURNS, STATS, LIVE_HISTORY, STATE_FILE)
