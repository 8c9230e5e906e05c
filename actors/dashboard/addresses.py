"""Which addresses the dashboard's port is held on, and the sockets that hold it."""

import errno
import ipaddress
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


def listen(addresses: Iterable[str], port: int, *, first: int = 0) -> list[socket.socket]:
    """A listening socket for each address that this machine has. OSError, with none of them held, when one is taken.

    The error's `filename` is the address, as `address:port`. `first` is how many of the addresses are held already:
    the very first one is what the settings name, which must be there.
    """
    held: list[socket.socket] = []
    for number, address in enumerate(addresses, first):
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


def adopt(descriptors: Iterable[int], addresses: Iterable[str], port: int) -> tuple[list[socket.socket], list[str]]:
    """Of these listening sockets those on wanted addresses, in the order wanted, and the addresses that are left.

    The others are closed; all of them where one that is wanted is a name, since what it stands for may have changed.
    """
    wanted = list(addresses)
    known = frozenset(wanted) if all(_is_literal(one) for one in wanted) else frozenset()
    held: dict[str, socket.socket] = {}
    for number in descriptors:
        sock = socket.socket(fileno=number)
        name = sock.getsockname()
        if isinstance(name, tuple) and name[1] == port and name[0] in known - held.keys():
            held[name[0]] = sock
        else:
            sock.close()
    return [held[one] for one in wanted if one in held], [one for one in wanted if one not in held]


def _is_literal(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


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
