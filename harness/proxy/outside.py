"""Connections to public hosts for one client: HTTP CONNECT, plain HTTP, SOCKS5 (TCP connect, no authentication)."""

import re
import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from harness.proxy.errors import BadRequestError, RefusedError, UnreachableError
from harness.proxy.heads import Head, write
from harness.proxy.stream import SocketStream, splice

Dial = Callable[[str, int], Awaitable[socket.socket]]
"""Connects to a host and port, or raises RefusedError or UnreachableError."""

_AUTHORITY = re.compile(r"(\[[^\]]+\]|[^:]+):([0-9]{1,5})")
_SOCKS = 5
_SOCKS_CONNECT = 1
_DONE, _FAILED, _NOT_ALLOWED, _NO_HOST, _NO_COMMAND = 0, 1, 2, 4, 7
_IPV4, _NAME, _IPV6 = 1, 3, 4


async def serve_connect(client: SocketStream, head: Head, dial: Dial) -> None:
    """A tunnel, as `CONNECT host:port` asks for."""
    match = _AUTHORITY.fullmatch(head.first[1])
    if match is None:
        raise BadRequestError("that is no host and port")
    target = await _dialled(client, dial, match[1], int(match[2]))
    if target is None:
        return
    try:
        await client.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await splice(client, target)
    finally:
        target.close()


async def serve_plain(client: SocketStream, head: Head, dial: Dial) -> None:
    """One request for an `http://` address; the connection ends with its answer, so that no other host follows."""
    try:
        url = urlsplit(head.first[1])
        host, port = url.hostname or "", url.port or 80
    except ValueError:
        raise BadRequestError("that is no address") from None
    if url.scheme != "http" or not host:
        raise BadRequestError("that is no address")
    target = await _dialled(client, dial, host, port)
    if target is None:
        return
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = [("Host", url.netloc.rpartition("@")[2])]
        headers += [one for one in head.end_to_end() if one[0].lower() != "host"]
        headers += [("Transfer-Encoding", "chunked")] if head.is_chunked else []
        await target.write(write((head.first[0], path, "HTTP/1.1"), [*headers, ("Connection", "close")]))
        await splice(client, target)
    finally:
        target.close()


async def serve_socks(client: SocketStream, dial: Dial) -> None:
    """SOCKS5; the first byte, the version, was looked at and is still there."""
    _, count = await client.read_exactly(2)
    if 0 not in await client.read_exactly(count):
        await client.write(bytes((_SOCKS, 0xFF)))
        return
    await client.write(bytes((_SOCKS, 0)))
    version, command, _, kind = await client.read_exactly(4)
    host = await _socks_host(client, kind)
    port = int.from_bytes(await client.read_exactly(2), "big")
    if version != _SOCKS or command != _SOCKS_CONNECT:
        await client.write(_socks_answer(_NO_COMMAND))
        return
    try:
        target = SocketStream(await dial(host, port))
    except RefusedError:
        await client.write(_socks_answer(_NOT_ALLOWED))
        return
    except UnreachableError:
        await client.write(_socks_answer(_NO_HOST))
        return
    try:
        await client.write(_socks_answer(_DONE))
        await splice(client, target)
    finally:
        target.close()


def refusal(status: int, reason: str) -> bytes:
    """An HTTP answer that says why, in the line that programs print and in its body."""
    body = f"hive-proxy: {reason}\n".encode("ascii", "replace")
    headers = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Connection", "close")]
    return write(("HTTP/1.1", str(status), f"hive-proxy: {reason}"), headers) + body


async def _dialled(client: SocketStream, dial: Dial, host: str, port: int) -> SocketStream | None:
    """The connection; None when the client was told that there is none."""
    try:
        return SocketStream(await dial(host, port))
    except RefusedError as error:
        await client.write(refusal(403, f"refused: {error}"))
    except UnreachableError as error:
        await client.write(refusal(502, f"not reached: {error}"))
    return None


async def _socks_host(client: SocketStream, kind: int) -> str:
    if kind == _NAME:
        (length,) = await client.read_exactly(1)
        return (await client.read_exactly(length)).decode("ascii", "replace")
    if kind in {_IPV4, _IPV6}:
        return str(ip_address(await client.read_exactly(4 if kind == _IPV4 else 16)))
    raise BadRequestError("that is no kind of address")


def _socks_answer(code: int) -> bytes:
    return bytes((_SOCKS, code, 0, _IPV4, 0, 0, 0, 0, 0, 0))
