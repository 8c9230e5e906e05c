"""Reading the frames Claude Code prints: what a turn used, and how it ended. Pure.

The harness works on the raw JSON of `--output-format stream-json` rather than on parsed classes: what the operator
sees is then exactly what Claude said, unknown kinds included.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from harness.turn import Ending
from harness.wire.events import TurnOutcome

Frame = dict[str, Any]

CONTROL = frozenset(
    {"control_request", "control_response", "control_cancel_request", "transcript_mirror", "keep_alive"}
)
"""Frames of the control protocol: machinery, never shown."""

NOT_LOGGED_IN = "authentication_failed"


@dataclass(slots=True)
class Tally:
    """What the frames of one turn add up to. A figure that was never told stays None."""

    tools: Counter[str] = field(default_factory=Counter)
    tokens: dict[str, int] = field(default_factory=dict)
    context_tokens: int | None = None
    window: int | None = None
    total_cost_usd: float | None = None
    """Of the Claude process so far, not of the turn."""
    session_id: str | None = None
    model: str | None = None
    error: str | None = None
    """The kind of the last synthetic error message, such as `rate_limit`."""
    resets_at_ms: int | None = None
    compacted: bool = False
    result: Frame | None = None

    def take(self, frame: Frame) -> None:
        """Add one frame."""
        match frame.get("type"):
            case "assistant":
                self._assistant(frame)
            case "result":
                self._result(frame)
            case "rate_limit_event":
                self._rate_limit(frame.get("rate_limit_info") or {})
            case "system":
                self._system(frame)

    def _assistant(self, frame: Frame) -> None:
        message = frame.get("message") or {}
        if frame.get("error"):
            self.error = str(frame["error"])
            return
        if frame.get("parent_tool_use_id") is not None:
            return
        self.model = message.get("model") or self.model
        self.context_tokens = context_of(message.get("usage") or {}) or self.context_tokens
        for block in message.get("content") or []:
            if isinstance(block, dict) and block.get("type") == "tool_use":
                self.tools[str(block.get("name"))] += 1

    def _result(self, frame: Frame) -> None:
        self.result = frame
        usage = frame.get("usage") or {}
        self.tokens = {
            "input": usage.get("input_tokens") or 0,
            "output": usage.get("output_tokens") or 0,
            "cache_read": usage.get("cache_read_input_tokens") or 0,
            "cache_creation": usage.get("cache_creation_input_tokens") or 0,
        }
        self.total_cost_usd = frame.get("total_cost_usd", self.total_cost_usd)
        self.session_id = frame.get("session_id") or self.session_id
        used: dict[str, Any] = frame.get("modelUsage") or {}
        of_model: dict[str, Any] = used.get(self.model or "") or next(iter(used.values()), {})
        self.window = of_model.get("contextWindow") or self.window

    def _rate_limit(self, told: dict[str, Any]) -> None:
        if told.get("status") == "rejected" and isinstance(told.get("resetsAt"), int | float):
            self.resets_at_ms = int(told["resetsAt"] * 1000)

    def _system(self, frame: Frame) -> None:
        self.session_id = frame.get("session_id") or self.session_id
        if frame.get("subtype") == "compact_boundary":
            self.compacted = True
            self.context_tokens = (frame.get("compact_metadata") or {}).get("post_tokens")


def limit_pause_ms(frame: Frame) -> int | None:
    """How long Claude itself waits before it tries again at a rate limit; None for any other frame."""
    if frame.get("subtype") != "api_retry" or frame.get("error") != "rate_limit":
        return None
    return int(frame.get("retry_delay_ms") or 0)


def context_of(usage: dict[str, Any]) -> int | None:
    """Tokens in the context after one answer: what was read, cached or not. Never the sum a result tells."""
    parts = [usage.get(key) or 0 for key in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")]
    return sum(parts) or None


def ending_of(tally: Tally, *, cancelled: bool, stderr: list[str], exit_status: int | None) -> Ending:
    """How the turn ended: by the result frame where there is one, else by the end of the process.

    Only structured fields decide: agents talk about rate limits, so text is never searched.
    """
    result = tally.result
    if cancelled:
        return Ending(TurnOutcome.CANCELLED, "cancelled by the operator")
    if result is None:
        how = "in an unknown way" if exit_status is None else f"with status {exit_status}"
        return Ending(TurnOutcome.FAILED, _why(f"claude ended {how} in the middle of the turn", stderr))
    if not result.get("is_error"):
        return Ending(TurnOutcome.OK)
    text = str(result.get("result") or "; ".join(map(str, result.get("errors") or [])) or result.get("subtype"))
    status = result.get("api_error_status")
    if result.get("terminal_reason") == "prompt_too_long":
        return Ending(TurnOutcome.PROMPT_TOO_LONG, text)
    if status == 429 or tally.error == "rate_limit":
        return Ending(TurnOutcome.RATE_LIMITED, text, until_ms=tally.resets_at_ms)
    return Ending(TurnOutcome.FAILED, _why(text, stderr), login_lost=tally.error == NOT_LOGGED_IN)


def _why(text: str, stderr: list[str]) -> str:
    return "\n".join([text, *stderr])


def shown(frame: Frame, *, longest: int = 8_000) -> Frame:
    """The frame as the operator's live log gets it: long strings cut, the start-up banner reduced to what matters."""
    if frame.get("type") == "system" and frame.get("subtype") == "init":
        kept = ("type", "subtype", "session_id", "model", "tools", "mcp_servers", "cwd", "claude_code_version")
        return {key: frame[key] for key in kept if key in frame}
    cut: Frame = _cut(frame, longest)
    return cut


def _cut(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return value if len(value) <= longest else f"{value[:longest]}… ({len(value) - longest} more characters)"
    if isinstance(value, list):
        return [_cut(inner, longest) for inner in value]
    if isinstance(value, dict):
        return {key: _cut(inner, longest) for key, inner in value.items()}
    return value
