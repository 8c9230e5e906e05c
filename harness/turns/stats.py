"""A turn in figures, as the daemon stores it. Pure."""

from dataclasses import dataclass

from harness.claude.session import CompletedTurn
from harness.turns.tool_calls import MailCounts
from harness.wire.events import TurnStats
from harness.wire.times import from_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Figures that Claude does not report. Sizes are None where they are not known."""

    started_ms: int
    ended_ms: int
    configured_model: str
    wake_from: str
    inbox_depth: int | None
    notes_bytes: int | None


def turn_stats(turn: CompletedTurn, mail: MailCounts, around: Surroundings) -> TurnStats:
    """The statistics of one turn."""
    return TurnStats(
        started_at=from_ms(around.started_ms),
        ended_at=from_ms(around.ended_ms),
        duration_ms=around.ended_ms - around.started_ms,
        model=turn.tally.model or around.configured_model,
        wake_from=around.wake_from,
        outcome=turn.result.outcome,
        cold=turn.cold,
        tokens=turn.tally.tokens,
        context_tokens=turn.tally.context_tokens,
        cost_usd=turn.cost_usd,
        tools=dict(turn.tally.tools),
        sent=dict(mail.sent),
        received=dict(mail.received),
        inbox_depth=around.inbox_depth,
        notes_bytes=around.notes_bytes,
    )
