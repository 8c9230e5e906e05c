"""The port of the demo's dashboard: a port that no other program and no other demo has."""

import contextlib
import socket
from collections.abc import Iterator

DASHBOARD_PORT = 7000


@contextlib.contextmanager
def dashboard(port: int | None, *, wanted: bool) -> Iterator[int]:
    """The given port, or one that is free, or 0 where no dashboard is wanted; held against other demos meanwhile."""
    if port is not None or not wanted:
        yield port or 0
        return
    with _claimed(DASHBOARD_PORT) as claimed:
        yield DASHBOARD_PORT if claimed and _is_free(DASHBOARD_PORT) else _any_free()


@contextlib.contextmanager
def _claimed(port: int) -> Iterator[bool]:
    """Whether this demo is the one that may use `port`. Its daemon binds it only seconds after this look.

    An abstract socket is the claim: it needs no file, and the kernel drops it with the process.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as claim:
        try:
            claim.bind(f"\0hive-demo-{port}")
        except OSError:
            yield False
        else:
            yield True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
