"""Messages to the service manager: one datagram of VARIABLE=value lines, as in sd_notify(3). Standard library only."""

import logging
import os
import socket
from collections.abc import MutableMapping
from dataclasses import dataclass, field

from actors.service.descriptor_store import DescriptorStore

log = logging.getLogger(__name__)

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Notifier:
    """Sends the daemon's state to the service manager that started it. Without an address it sends nothing."""

    address: str | None = None
    watchdog_seconds: float | None = None
    """The longest time without a heartbeat that the service manager accepts; None when it does not watch."""
    store: DescriptorStore = field(default_factory=DescriptorStore, compare=False)
    """What it keeps open over a restart of the daemon."""

    @classmethod
    def from_env(cls, env: MutableMapping[str, str], pid: int) -> "Notifier":
        """Take the service manager's variables out of the environment.

        They are removed, so that no program that the daemon starts reports in its place.
        """
        address = env.pop("NOTIFY_SOCKET", None)
        watched, usec = env.pop("WATCHDOG_PID", str(pid)), env.pop("WATCHDOG_USEC", "")
        seconds = int(usec) / MICROSECONDS if usec.isdecimal() and watched == str(pid) else 0.0
        return cls(address or None, seconds or None, DescriptorStore.from_env(env, pid, address or None))

    def send(self, *lines: str) -> None:
        """Send these lines. Never waits and never fails: the daemon works without its service manager."""
        if self.address is None:
            return
        path = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            try:
                sock.sendto("\n".join(lines).encode(), socket.MSG_DONTWAIT, path)
            except OSError as error:
                log.debug("service manager not notified lines=%s error=%s", lines, error)


SILENT = Notifier()
"""Sends nothing."""


def from_process() -> Notifier:
    """The notifier of this process, from its environment."""
    return Notifier.from_env(os.environ, os.getpid())
