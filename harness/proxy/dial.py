"""A connection to a public host: every address of its name is checked, then a checked address is connected.

Nothing is resolved a second time, so a name cannot change its address between the check and the connection.
"""

import asyncio
import re
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address

from harness.proxy.addresses import Address, is_public, literal
from harness.proxy.errors import RefusedError, UnreachableError

RESOLVE_SECONDS = 10.0
CONNECT_SECONDS = 10.0
RESOLVERS = 64
"""Threads that wait for name servers, for all agents together; `agent.py` limits those of one agent."""

_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?", re.ASCII)
_resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolve")


def host_name(text: str) -> str:
    """The host in one spelling: lower case, no brackets, no final dot; an address in its usual form."""
    address = literal(text)
    if address is not None:
        return str(address)
    folded = text.lower().removesuffix(".")
    try:
        folded = folded.encode("idna").decode() if not folded.isascii() else folded
    except UnicodeError:
        raise RefusedError("that is no host name") from None
    if not _NAME.fullmatch(folded):
        raise RefusedError("that is no host name")
    return folded


async def connect(host: str, port: int, lookups: asyncio.Semaphore) -> socket.socket:
    """A connected socket, not blocking. Raises RefusedError or UnreachableError; `host` is as `host_name` spells it."""
    if not 0 < port < 65536:
        raise RefusedError("that is no port")
    addresses = await _addresses(host, lookups)
    for address in addresses:
        if not is_public(address):
            raise RefusedError("it has a private address" if literal(host) is None else "that is a private address")
        if _is_own(address):
            raise RefusedError("that is this machine")
    return await _first(addresses, port)


async def _addresses(host: str, lookups: asyncio.Semaphore) -> Sequence[Address]:
    address = literal(host)
    if address is not None:
        return [address]
    await lookups.acquire()
    resolving = asyncio.get_running_loop().run_in_executor(_resolvers, _resolve, host)
    # The thread waits for a name server that does not answer longer than its caller does: it counts until it ends.
    resolving.add_done_callback(lambda _: lookups.release())
    try:
        found = await asyncio.wait_for(asyncio.shield(resolving), RESOLVE_SECONDS)
    except TimeoutError:
        raise UnreachableError("its name server does not answer") from None
    if not found:
        raise UnreachableError("there is no such name")
    return found


def _resolve(host: str) -> list[Address]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return []
    return list(dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in found))


def _is_own(address: Address) -> bool:
    """Whether the machine has this address: its firewall guards the outside of it, not the inside."""
    with socket.socket(_family(address), socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(address), 9))  # of a datagram socket: chooses the source address and sends nothing
            return bool(probe.getsockname()[0] == str(address))
        except OSError:
            return False


async def _first(addresses: Sequence[Address], port: int) -> socket.socket:
    trouble = "nobody answers"
    for address in addresses:
        sock = socket.socket(_family(address), socket.SOCK_STREAM)
        sock.setblocking(False)
        try:
            connecting = asyncio.get_running_loop().sock_connect(sock, (str(address), port))
            await asyncio.wait_for(connecting, CONNECT_SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError:
            sock.close()
        except OSError as error:
            sock.close()
            trouble = (error.strerror or trouble).lower()
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise UnreachableError(trouble)


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6
