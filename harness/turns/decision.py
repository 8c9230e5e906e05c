"""What follows a turn, when to compact, how long to wait: decisions over values, without clock or I/O."""

from dataclasses import dataclass
from enum import StrEnum

from harness.claude.outcome import TurnResult
from harness.wire.events import TurnOutcome
from harness.wire.limits import NEW_SESSION_AFTER

COMPACT_WATERMARK = 0.75
"""Share of the context window from which on a good turn is followed by a compaction; `compact_tokens` may say else."""

LARGEST_WATERMARK = 0.9
"""The largest share: the request to write notes and the summary need room."""

DEFAULT_WINDOW = 200_000
"""Tokens; used until Claude reports its window. A configured figure would be wrong for some model."""

LONG_RETRY_SECONDS = 600.0
"""The longest pause between two tries."""

_RETRY_GROWTH = 4.0
_GROWING = 10

MAX_REFUSALS = 3
"""Turns in a row with a refused key after which the key counts as lost: a gateway may err once."""


class NextAction(StrEnum):
    """Everything that can follow a turn."""

    ACK = "ack"
    """Acknowledge the turn's messages."""
    COMPACT_AND_RETRY = "compact_and_retry"
    """Compact the session and run the same prompt once more."""
    RETRY_IN_NEW_SESSION = "retry_in_new_session"
    """The history may be the cause: pause, and take the messages again in a new session."""
    RETRY = "retry"
    """Pause, and take the messages again."""
    WAIT_FOR_LIMIT = "wait_for_limit"
    """Wait until the rate limit ends, and take the messages again."""
    WAIT_FOR_LOGIN = "wait_for_login"
    """Requeue the messages and wait until the operator logs in."""
    EXIT_LIMIT = "exit_limit"
    """The rate limit lasts too long to wait for: exit. The daemon starts the container when the limit is over."""
    EXIT_LOGIN_LOST = "exit_login_lost"
    """The key came from the daemon and nothing in the container replaces it: exit. The daemon parks the agent."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows a turn, and after which pause."""

    action: NextAction
    pause_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How long this agent waits; seconds."""

    first_retry_seconds: float
    """After the first failed turn; later pauses grow from it."""
    default_limit_wait_seconds: float
    """For a rate limit whose end is not known."""
    max_limit_wait_seconds: float
    """The longest rate limit that the harness waits for; at a longer one it exits."""
    has_key: bool
    """Claude's key came from the daemon: a login does not replace it."""


def after(result: TurnResult, *, failures: int, compacted: bool, now_ms: int, policy: RetryPolicy) -> Decision:
    """What to do now. `failures` counts the failed turns in a row, including this one; see `count_failures`.

    A cancelled turn is acknowledged: the operator saw the message and decided; a redelivery would bring back exactly
    what was cancelled. A turn that was cancelled at a limit of its own is a failed one.
    """
    match result.outcome:
        case TurnOutcome.OK | TurnOutcome.CANCELLED if not result.over_limit:
            return Decision(NextAction.ACK)
        case TurnOutcome.RATE_LIMITED:
            wait = limit_wait_seconds(result.resets_at_ms, now_ms=now_ms, default=policy.default_limit_wait_seconds)
            exits = result.resets_at_ms is not None and wait > policy.max_limit_wait_seconds
            return Decision(NextAction.EXIT_LIMIT if exits else NextAction.WAIT_FOR_LIMIT, wait)
        case TurnOutcome.PROMPT_TOO_LONG if not compacted:
            return Decision(NextAction.COMPACT_AND_RETRY)
        case _ if result.login_lost and not policy.has_key:
            return Decision(NextAction.WAIT_FOR_LOGIN)
        case _ if result.login_lost and failures >= MAX_REFUSALS:
            return Decision(NextAction.EXIT_LOGIN_LOST)
    is_too_long = result.outcome is TurnOutcome.PROMPT_TOO_LONG
    is_history = not result.outage and failures >= NEW_SESSION_AFTER
    return Decision(
        NextAction.RETRY_IN_NEW_SESSION if is_too_long or is_history else NextAction.RETRY,
        retry_seconds(failures, first=policy.first_retry_seconds),
    )


def count_failures(before: int, result: TurnResult, *, compacted: bool) -> int:
    """The failed turns in a row after a turn with this result.

    A rate limit is no failure, and neither is a prompt that is too long, as long as compacting may help.
    """
    match result.outcome:
        case TurnOutcome.OK | TurnOutcome.CANCELLED if not result.over_limit:
            return 0
        case TurnOutcome.RATE_LIMITED:
            return before
        case TurnOutcome.PROMPT_TOO_LONG if not compacted:
            return before
    return before + 1


def retry_seconds(failures: int, *, first: float) -> float:
    """The pause after the n-th failure in a row: `first`, then four times the last, up to `LONG_RETRY_SECONDS`."""
    return min(LONG_RETRY_SECONDS, first * _RETRY_GROWTH ** max(0, min(failures, _GROWING) - 1))


def limit_wait_seconds(resets_at_ms: int | None, *, now_ms: int, default: float) -> float:
    """How long to wait for a rate limit: to its end and one second more, as Claude reports it in whole seconds."""
    if resets_at_ms is None:
        return default
    return max(1.0, (resets_at_ms - now_ms) / 1000 + 1.0)


def is_nearly_full(context_tokens: int | None, window: int | None, compact_tokens: int | None = None) -> bool:
    """Whether it is time to compact; False when the size of the context is not known.

    `compact_tokens` is the configured threshold; one that the window does not hold counts as its largest share.
    """
    size = window or DEFAULT_WINDOW
    limit = COMPACT_WATERMARK * size if compact_tokens is None else min(compact_tokens, LARGEST_WATERMARK * size)
    return context_tokens is not None and context_tokens >= limit
