"""Open files that outlive the daemon: the service manager keeps them and hands them to the next one.

As in sd_notify(3) (`FDSTORE=1`) and sd_listen_fds(3). Promises: a file that was kept stays open without a gap, also
while its owner in this process restarts, because a copy is here and, under systemd, another one there. Without a
service manager nothing outlives the daemon. Standard library only.
"""

import array
import logging
import os
import socket
from collections.abc import MutableMapping, Sequence

log = logging.getLogger(__name__)

FIRST = 3
"""`SD_LISTEN_FDS_START`."""


class DescriptorStore:
    """Owns the copies. The address is where the service manager listens; None where there is none."""

    def __init__(self, address: str | None = None, kept: Sequence[tuple[str, int]] = ()) -> None:
        self._address = address
        self._kept: dict[str, list[int]] = {}
        for name, number in kept:
            os.set_inheritable(number, False)
            self._kept.setdefault(name, []).append(number)

    @classmethod
    def from_env(cls, env: MutableMapping[str, str], pid: int, address: str | None) -> "DescriptorStore":
        """Take the service manager's variables out of the environment, and what it hands over."""
        count, names = env.pop("LISTEN_FDS", ""), env.pop("LISTEN_FDNAMES", "").split(":")
        if env.pop("LISTEN_PID", "") != str(pid) or not count.isdecimal():
            return cls(address)
        names += [""] * int(count)
        return cls(address, [(names[number], FIRST + number) for number in range(int(count))])

    def take(self, name: str) -> list[int]:
        """New handles on what is kept under this name; the caller closes them."""
        return [os.dup(number) for number in self._kept.get(name, ())]

    def keep(self, name: str, descriptors: Sequence[int]) -> None:
        """Keep these, and nothing else under this name. Nothing is kept where no service manager takes it."""
        if self._address is None:
            return
        self.forget(name)
        self._kept[name] = [os.dup(number) for number in descriptors]
        rights = array.array("i", descriptors)
        self._send(f"FDSTORE=1\nFDNAME={name}", [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights.tobytes())])

    def forget(self, name: str) -> None:
        """Close what is kept under this name, here and there."""
        if not (numbers := self._kept.pop(name, [])):
            return
        for number in numbers:
            os.close(number)
        self._send(f"FDSTOREREMOVE=1\nFDNAME={name}", [])

    def forget_others(self, name: str | None) -> None:
        """Forget everything but this: what an earlier configuration had."""
        for other in [one for one in self._kept if one != name]:
            self.forget(other)

    def _send(self, text: str, more: list[tuple[int, int, bytes]]) -> None:
        if self._address is None:
            return
        path = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            try:
                sock.sendmsg([text.encode()], more, socket.MSG_DONTWAIT, path)
            except OSError as error:
                log.warning("the service manager keeps nothing over a restart error=%s", error)
