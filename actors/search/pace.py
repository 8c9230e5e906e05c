"""How fast the index follows the tables. Pure."""

GATHER_SECONDS = 0.25
"""After the first new row, so that one transaction takes in what comes together."""
SHARE = 5
"""Of that many parts of the time the index takes one while others write."""
IDLE_SHARE = 2


def pause(took_seconds: float, *, others_write: bool) -> float:
    """Seconds between a batch that took so long and the next one."""
    return took_seconds * ((SHARE if others_write else IDLE_SHARE) - 1)
