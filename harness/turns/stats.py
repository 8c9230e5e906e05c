"""A turn in figures, as the daemon stores it. Pure."""

import json

from harness.claude.session import CompletedTurn
from harness.turns.tool_calls import MailCounts
from harness.wire.events import TurnStats
from harness.wire.limits import MAX_LABEL_CHARACTERS, MAX_LABELS
from harness.wire.times import from_ms

MAX_REASON = 300


def log_line(stats: TurnStats, *, messages: int, reason: str | None) -> str:
    """A turn as one line of the log: who woke it, how it ended, how long it took, what it cost."""
    cost = "-" if stats.cost_usd is None else f"{stats.cost_usd:.4f}"
    line = (
        f"turn from={json.dumps(stats.wake_from)} messages={messages} outcome={stats.outcome.value} "
        f"seconds={stats.duration_ms / 1000:.1f} cost_usd={cost}"
    )
    # As JSON: the reason is the model's or a tool's, and must not look like a line of the log.
    return line if reason is None else f"{line} reason={json.dumps(reason[:MAX_REASON])}"


def turn_stats(
    turn: CompletedTurn,
    mail: MailCounts,
    *,
    started_ms: int,
    ended_ms: int,
    duration_ms: int,
    configured_model: str,
    wake_from: str,
    number: int | None,
    inbox_depth: int | None,
    notes_bytes: int | None,
) -> TurnStats:
    """The statistics of one turn; figures that are not known are None. `duration_ms` is running time."""
    return TurnStats(
        started_at=from_ms(started_ms),
        ended_at=from_ms(ended_ms),
        duration_ms=duration_ms,  # not their difference: the clock may have been set, and the machine may have slept
        model=turn.tally.model or configured_model,
        wake_from=wake_from,
        outcome=turn.result.outcome,
        cold=turn.cold,
        tokens=turn.tally.tokens,
        context_tokens=turn.tally.context_tokens,
        cost_usd=turn.cost_usd,
        tools={name[:MAX_LABEL_CHARACTERS]: calls for name, calls in turn.tally.tools.most_common(MAX_LABELS)},
        sent=dict(mail.sent),
        received=dict(mail.received),
        inbox_depth=inbox_depth,
        notes_bytes=notes_bytes,
        turn=number,
    )
