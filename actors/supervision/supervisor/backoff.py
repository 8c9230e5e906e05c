"""The pause before a restart: it grows with each restart and decays with quiet time. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """`first` seconds before the second restart in a row, times `factor` for each more, at most `cap`.

    The first restart after a quiet time happens at once. Each `decay` seconds without a restart
    take one step back.
    """

    first: float = 0.1
    factor: float = 2.0
    cap: float = 30.0
    decay: float = 60.0

    def __post_init__(self) -> None:
        if self.first < 0 or self.factor < 1 or self.cap < self.first or self.decay <= 0:
            raise ValueError(f"a pause neither shrinks nor exceeds its cap: {self}")

    def pause(self, level: int) -> float:
        """Seconds to wait before a restart at this level."""
        if level <= 0:
            return 0.0
        # The exponent is bounded: a level of thousands must not overflow a float on its way to the cap.
        return min(self.cap, self.first * self.factor ** min(level - 1, 64))


@dataclass(frozen=True, slots=True)
class BackoffState:
    """One child's level, and when (monotonic seconds) it last changed."""

    level: int = 0
    at: float = 0.0

    def decayed(self, now: float, backoff: Backoff) -> "BackoffState":
        """What the quiet time until `now` has left of it."""
        steps = int((now - self.at) / backoff.decay)
        return BackoffState(max(0, self.level - steps), self.at + steps * backoff.decay) if steps > 0 else self

    def restarted(self, now: float) -> "BackoffState":
        """One level higher, for a restart at `now`."""
        return BackoffState(self.level + 1, now)
