"""What the frames of one turn add up to: tools, tokens, cost, and the frame that ends the turn. Pure."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from harness.claude.frames import Frame


@dataclass(slots=True)
class Tally:
    """The sum of a turn's frames. A figure that Claude did not report is None."""

    tools: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    """All calls of tools, those of subagents included."""
    tokens: dict[str, int] = field(default_factory=dict)
    context_tokens: int | None = None
    window: int | None = None
    total_cost_usd: float | None = None
    """The cost of the CLI process so far, not of the turn."""
    session_id: str | None = None
    model: str | None = None
    api_error: str | None = None
    """The kind of the last synthetic error message, such as `rate_limit`."""
    resets_at_ms: int | None = None
    """When the rate limit ends."""
    compacted: bool = False
    result: Frame | None = None
    """The frame that ends the turn."""

    def add(self, frame: Frame) -> None:
        """Count one frame in."""
        match frame.get("type"):
            case "assistant":
                self._add_answer(frame)
            case "result":
                self._add_result(frame)
            case "rate_limit_event":
                self._add_rate_limit(frame.get("rate_limit_info") or {})
            case "system":
                self._add_system(frame)

    def _add_answer(self, frame: Frame) -> None:
        message = frame.get("message") or {}
        if frame.get("error"):
            self.api_error = str(frame["error"])
            return
        blocks = [
            one for one in message.get("content") or [] if isinstance(one, dict) and one.get("type") == "tool_use"
        ]
        self.calls += len(blocks)
        if frame.get("parent_tool_use_id") is not None:
            return
        self.model = message.get("model") or self.model
        self.context_tokens = context_tokens(message.get("usage") or {}) or self.context_tokens
        self.tools.update(str(block.get("name")) for block in blocks)

    def _add_result(self, frame: Frame) -> None:
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
        by_model: dict[str, Any] = frame.get("modelUsage") or {}
        used: dict[str, Any] = by_model.get(self.model or "") or next(iter(by_model.values()), {})
        self.window = used.get("contextWindow") or self.window

    def _add_rate_limit(self, limit: dict[str, Any]) -> None:
        if limit.get("status") == "rejected" and isinstance(limit.get("resetsAt"), int | float):
            self.resets_at_ms = int(limit["resetsAt"] * 1000)

    def _add_system(self, frame: Frame) -> None:
        self.session_id = frame.get("session_id") or self.session_id
        if frame.get("subtype") == "compact_boundary":
            self.compacted = True
            self.context_tokens = (frame.get("compact_metadata") or {}).get("post_tokens")


def context_tokens(usage: dict[str, Any]) -> int | None:
    """The context size after one answer: the tokens it read, cached or not.

    The usage of a `result` frame is the sum over the turn and says nothing about the context.
    """
    parts = [usage.get(key) or 0 for key in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")]
    return sum(parts) or None
