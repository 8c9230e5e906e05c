"""The service manager's ear: one datagram of VARIABLE=value lines, systemd's own protocol. Standard library only."""

import logging
import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass

log = logging.getLogger(__name__)

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Notifier:
    """Tells whoever started the daemon how it is. Without an address nobody listens, and nothing happens."""

    address: str | None = None
    watchdog_seconds: float | None = None
    """The longest silence that the service manager takes; None when it does not watch."""

    @classmethod
    def from_env(cls, env: MutableMapping[str, str], pid: int) -> "Notifier":
        """What the service manager has left in the environment.

        It is taken out of it, so that nothing we start believes it should report for us.
        """
        address = env.pop("NOTIFY_SOCKET", None)
        watched, usec = env.pop("WATCHDOG_PID", str(pid)), env.pop("WATCHDOG_USEC", "")
        seconds = int(usec) / MICROSECONDS if usec.isdecimal() and watched == str(pid) else 0.0
        return cls(address or None, seconds or None)

    def send(self, *lines: str) -> None:
        """Tell it; never waits and never fails: a service manager that does not listen is its own trouble."""
        if self.address is None:
            return
        path = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            try:
                sock.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, path)
            except OSError as error:
                log.debug("service manager not told lines=%s error=%s", lines, error)


SILENT = Notifier()
"""Nobody listens."""


def from_process() -> Notifier:
    """The same for this process."""
    return Notifier.from_env(os.environ, os.getpid())
