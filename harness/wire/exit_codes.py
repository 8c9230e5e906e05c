"""What a harness says with its exit status, so that the daemon need not guess from a log."""

from enum import IntEnum


class HarnessExit(IntEnum):
    """Exit statuses of `hive-harness`; everything else is a crash."""

    CLEAN = 0
    """It was asked to end."""
    FAILED = 1
    """A part of it ended; no half-dead harness."""
    USAGE_LIMIT = 75
    """The account's limit is used up and its reset is too far away to wait for. The daemon was told when it is."""
    LOGIN_LOST = 76
    """The credentials that the daemon handed in are no longer accepted: no login in there would replace them."""
