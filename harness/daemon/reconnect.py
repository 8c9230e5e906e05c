"""How the attempts to reach the daemon are spaced. Pure."""

FIRST_SECONDS = 0.05
CAP_SECONDS = 2.0


def reconnect_delay(attempt: int) -> float:
    """Seconds to wait after the failed attempt number `attempt`, counted from 0: doubling up to a cap, without end."""
    return min(CAP_SECONDS, FIRST_SECONDS * 2.0 ** min(attempt, 10))
