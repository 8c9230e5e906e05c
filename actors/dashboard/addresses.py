"""Which addresses the dashboard's port is held on, and the sockets that hold it."""

import errno
import os
import socket
from collections.abc import Iterable

LOOPBACK = ("127.0.0.1", "::1")
EVERY = ("0.0.0.0", "::")  # noqa: S104 — what a setting may say, not a choice made here
BACKLOG = 256
ABSENT = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
"""This machine has no such address, so that no program can listen there."""


def to_hold(web_host: str) -> tuple[str, ...]:
    """The addresses to listen on for the setting `web_host`: that one, and loopback of both families. Pure.

    A browser that is told a name below `localhost` tries `::1` as well as `127.0.0.1`: a port that is held on one of
    them alone can be taken by another program on the other.
    """
    if web_host == "::":
        return EVERY
    others = (one for one in LOOPBACK if one != web_host and not (web_host == EVERY[0] and one == LOOPBACK[0]))
    return (web_host, *others)


def listen(addresses: Iterable[str], port: int) -> list[socket.socket]:
    """A listening socket for each address that this machine has. OSError, with none of them held, when one is taken.

    The error's `filename` is the address, as `address:port`.
    """
    held: list[socket.socket] = []
    for number, address in enumerate(addresses):
        if any(sock.getsockname()[0] == address for sock in held):
            continue  # the first one was a name for it
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            held.append(_listen(family, address, port))
        except OSError as error:
            if number > 0 and error.errno in ABSENT:
                continue
            for sock in held:
                sock.close()
            where = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
            code = error.errno or 0
            raise OSError(code, os.strerror(code) if code > 0 else str(error), where) from None
    return held


def _listen(family: int, address: str, port: int) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((address, port))
        sock.listen(BACKLOG)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
