"""The message about a failed turn that goes to the manager, or from the manager to the operator. Pure."""

from collections.abc import Sequence

from harness.claude.outcome import TurnResult
from harness.wire.agent_api import Message

MAX_REASON_CHARACTERS = 2_000


def failure_notice(
    result: TurnResult, messages: Sequence[Message], *, failures: int, retry_in_seconds: float | None
) -> str:
    """What failed, for which time in a row, when the next attempt is, and the reason."""
    ids = ", ".join(str(message.id) for message in messages)
    retry = f"; the next attempt is in {retry_in_seconds:.0f} s" if retry_in_seconds else ""
    reason = (result.reason or result.outcome.value)[:MAX_REASON_CHARACTERS]
    return f"My turn on message {ids} failed (attempt {max(1, failures)}){retry}. The reason:\n{reason}"
