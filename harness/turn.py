"""What to do after a turn, when to compact, how long to wait: decisions over values, without clock or I/O."""

from dataclasses import dataclass
from enum import StrEnum

from harness.wire.events import TurnOutcome

COMPACT_WATERMARK = 0.75
"""Share of the context window past which a good turn is followed by a compaction."""

DEFAULT_WINDOW = 200_000
"""Tokens; used until Claude says how large its window is. Configured figures lie, the result line does not."""

PATIENCE = 5
"""Failed attempts in a row after which the mail is called poisonous and the pause stays long."""

LONG_PAUSE_SECONDS = 600.0
_GROWTH = 4

REFUSALS = 3
"""Turns in a row that may end with a refused key before it counts as dead: a gateway may err once."""


class Step(StrEnum):
    """The closed set of things that follow a turn."""

    ACK = "ack"
    """The turn is done with: its messages are done."""
    COMPACT_AND_RETRY = "compact_and_retry"
    """The same prompt again, once, in the compacted session."""
    FRESH_AND_WAIT = "fresh_and_wait"
    """Compaction did not help: forget the session, pause, take the messages again."""
    WAIT = "wait"
    """Pause, then take the messages again."""
    PARK = "park"
    """Rest until the rate limit ends, then take the messages again."""
    LOGIN = "login"
    """Nothing works until somebody logs in; the messages wait unleased."""
    LEAVE_LIMIT = "leave_limit"
    """The limit ends too late to wait for it here: end, and let the host start us when it is over."""
    LEAVE_KEY = "leave_key"
    """The key came from the host and nothing in here can mend it: end, and let the host say so."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a turn ended. `note` says why when it was not well; `until_ms` is the end of a rate limit, if told."""

    outcome: TurnOutcome
    note: str | None = None
    until_ms: int | None = None
    login_lost: bool = False
    """The credentials were refused."""

    @property
    def ok(self) -> bool:
        """Whether the turn did its work."""
        return self.outcome is TurnOutcome.OK


@dataclass(frozen=True, slots=True)
class Plan:
    """What follows a turn. `tell` asks for a message to whoever looks after this agent."""

    step: Step
    pause_seconds: float = 0.0
    tell: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait in here, and for what; seconds."""

    retry_seconds: float
    """After a first failed turn; it grows from there."""
    limit_seconds: float
    """At a limit whose end is not told."""
    leave_seconds: float
    """A limit that lasts longer than this is waited for without a container."""
    has_key: bool
    """Claude's key came from the host: no login in here replaces it."""


def after(ending: Ending, *, failures: int, compacted: bool, now_ms: int, patience: Patience) -> Plan:
    """What to do now. `failures` counts the failed attempts in a row, this one included if it failed.

    A cancelled turn is acknowledged: the operator saw the message and decided; offering it again would
    bring back exactly what was cancelled.
    """
    match ending.outcome:
        case TurnOutcome.OK | TurnOutcome.CANCELLED:
            return Plan(Step.ACK)
        case TurnOutcome.RATE_LIMITED:
            rest = park_seconds(ending.until_ms, now_ms=now_ms, default=patience.limit_seconds)
            leaves = ending.until_ms is not None and rest > patience.leave_seconds
            return Plan(Step.LEAVE_LIMIT if leaves else Step.PARK, rest)
        case TurnOutcome.PROMPT_TOO_LONG if not compacted:
            return Plan(Step.COMPACT_AND_RETRY)
        case _ if ending.login_lost and not patience.has_key:
            return Plan(Step.LOGIN, tell=True)
        case _ if ending.login_lost and failures >= REFUSALS:
            return Plan(Step.LEAVE_KEY)
    step = Step.FRESH_AND_WAIT if ending.outcome is TurnOutcome.PROMPT_TOO_LONG else Step.WAIT
    return Plan(step, retry_pause(failures, first=patience.retry_seconds), tell=failures in (1, PATIENCE))


def retry_pause(failures: int, *, first: float) -> float:
    """The pause after the n-th failure in a row: `first`, then four times the last, long once patience is over."""
    if failures >= PATIENCE:
        return LONG_PAUSE_SECONDS
    return float(min(LONG_PAUSE_SECONDS, first * _GROWTH ** max(0, failures - 1)))


def park_seconds(until_ms: int | None, *, now_ms: int, default: float) -> float:
    """How long to rest: to the told end (one more second, because ends are told in whole ones), else `default`."""
    if until_ms is None:
        return default
    return max(1.0, (until_ms - now_ms) / 1000 + 1.0)


def is_nearly_full(context_tokens: int | None, window: int | None, *, watermark: float = COMPACT_WATERMARK) -> bool:
    """Whether the next turns may not fit; False when the context's size is not known."""
    return context_tokens is not None and context_tokens >= watermark * (window or DEFAULT_WINDOW)


def reconnect_pause(attempt: int) -> float:
    """Seconds before the n-th try (from 0) to reach the host: 50 ms doubling to a cap of 2 s, for ever."""
    return float(min(2.0, 0.05 * 2 ** min(attempt, 10)))
