"""How many bytes of live events are kept of one agent: a day's worth, refilled over the day. Pure; time is an argument.

An agent decides how much its Claude prints, and events are kept for a week.
"""

from dataclasses import dataclass

BYTES_PER_DAY = 1024**3
DAY_SECONDS = 86_400.0


@dataclass(slots=True)
class Allowance:
    """What is left at a moment of the monotonic clock. `told`: the agent's log says already that events are missing."""

    left: float = float(BYTES_PER_DAY)
    at: float = 0.0
    told: bool = False

    def take(self, size: int, now: float) -> bool:
        """Whether an event of `size` bytes is kept; it is then counted."""
        self.left = min(BYTES_PER_DAY, self.left + (now - self.at) * BYTES_PER_DAY / DAY_SECONDS)
        self.at = now
        if size > self.left:
            return False
        self.left -= size
        return True
