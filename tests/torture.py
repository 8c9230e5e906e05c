"""How long a campaign runs: the same code is a quick check in `make test` and a long one in `make torture`."""

import os
import random

FULL = os.environ.get("HIVE_TORTURE") == "1"


def count(*, quick: int, full: int) -> int:
    """The rounds of this run; HIVE_TORTURE_COUNT overrides both."""
    return int(os.environ.get("HIVE_TORTURE_COUNT", full if FULL else quick))


def seed() -> int:
    """The seed of this run, from HIVE_SEED or drawn; a campaign prints it with its result."""
    return int(os.environ.get("HIVE_SEED", random.SystemRandom().randrange(2**32)))
