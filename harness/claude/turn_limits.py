"""The ends that a turn has of its own: how long it may take, and how many tools it may call. Pure."""

from dataclasses import dataclass

from harness.wire.agent_config import Limits


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """None: no such limit. Seconds are running time; the waits for the model, for tools and for mail are part of it."""

    seconds: float | None = None
    tool_calls: int | None = None

    @classmethod
    def of(cls, limits: Limits) -> "TurnLimits":
        """Those of a configuration."""
        return cls(limits.turn_seconds, limits.turn_tool_calls)

    def seconds_left(self, elapsed: float) -> float | None:
        """How long to wait for the turn's next frame; None: without end."""
        return None if self.seconds is None else max(0.0, self.seconds - elapsed)

    def exceeded(self, elapsed: float, tool_calls: int) -> str | None:
        """Why the turn ends now, in a sentence; None while it may go on."""
        if self.seconds is not None and elapsed >= self.seconds:
            return f"the turn took longer than limits.turn_seconds allows: {self.seconds:g} s"
        if self.tool_calls is not None and tool_calls > self.tool_calls:
            return f"the turn called more tools than limits.turn_tool_calls allows: {self.tool_calls}"
        return None


NO_LIMITS = TurnLimits()
