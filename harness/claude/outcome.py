"""How a turn ended, read from its frames and from the end of the CLI. Pure."""

from dataclasses import dataclass

from harness.claude.tally import Tally
from harness.wire.events import TurnOutcome

_NOT_LOGGED_IN = "authentication_failed"
_STATUS_OF_BAD_PROMPTS = frozenset({400, 413, 422})
_KINDS_OF_BAD_PROMPTS = frozenset({"invalid_request", "max_output_tokens", "unknown"})


@dataclass(frozen=True, slots=True)
class TurnResult:
    """How a turn ended; `reason` explains every outcome but `ok`."""

    outcome: TurnOutcome
    reason: str | None = None
    resets_at_ms: int | None = None
    """When the rate limit ends, where Claude reported it."""
    login_lost: bool = False
    """The credentials were refused."""
    over_limit: bool = False
    """It was cancelled because it took too long or called too many tools: its messages are not done."""
    outage: bool = False
    """It failed for a reason that no prompt can have: the model did not answer, or Claude did not start."""

    @property
    def ok(self) -> bool:
        """Whether the turn did its work."""
        return self.outcome is TurnOutcome.OK


def turn_result(
    tally: Tally, *, cancelled: bool, stderr: list[str], exit_status: int | None, over_limit: str | None = None
) -> TurnResult:
    """The result by the frame that ends a turn, or by the end of the process where that frame is missing.

    `over_limit` is why the harness itself cancelled the turn. Only structured fields decide: agents write about rate
    limits, so text is never searched.
    """
    frame = tally.result
    if cancelled and over_limit is not None:
        return TurnResult(TurnOutcome.CANCELLED, over_limit, over_limit=True)
    if cancelled:
        return TurnResult(TurnOutcome.CANCELLED, "cancelled by the operator")
    if frame is None:
        status = "unknown status" if exit_status is None else f"status {exit_status}"
        return TurnResult(
            TurnOutcome.FAILED, _with_stderr(f"claude ended in the middle of the turn with {status}", stderr)
        )
    if not frame.get("is_error"):
        return TurnResult(TurnOutcome.OK)
    text = str(frame.get("result") or "; ".join(map(str, frame.get("errors") or [])) or frame.get("subtype"))
    if frame.get("terminal_reason") == "prompt_too_long":
        return TurnResult(TurnOutcome.PROMPT_TOO_LONG, text)
    if frame.get("api_error_status") == 429 or tally.api_error == "rate_limit":
        return TurnResult(TurnOutcome.RATE_LIMITED, text, resets_at_ms=tally.resets_at_ms)
    return TurnResult(
        TurnOutcome.FAILED,
        _with_stderr(text, stderr),
        login_lost=tally.api_error == _NOT_LOGGED_IN,
        outage=_is_outage(tally.api_error, frame.get("api_error_status")),
    )


def _is_outage(kind: str | None, status: object) -> bool:
    """Whether the model refused or failed whatever it was asked. A 400 can be the fault of what it was asked."""
    if isinstance(status, int):
        return status not in _STATUS_OF_BAD_PROMPTS
    return kind is not None and kind not in _KINDS_OF_BAD_PROMPTS


def _with_stderr(text: str, stderr: list[str]) -> str:
    return "\n".join([text, *stderr])
