"""Requests to the model: forwarded to the operator's address with the operator's key.

The key, or token, never travels towards the client. With one, only what Claude Code needs of the API is forwarded: what
else it can do is not for agents. Without one, the agent's own credentials pass unchanged.
"""

import asyncio
import json
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from harness.proxy.bodies import copy_answer_body, copy_request_body
from harness.proxy.errors import BadRequestError
from harness.proxy.heads import HEAD_BYTES, Head, Headers, parse, write
from harness.proxy.stream import SocketStream, Stream, TlsStream
from harness.wire.proxy import Upstream

CONNECT_SECONDS = 10.0

_CREDENTIALS = frozenset({"x-api-key", "authorization", "cookie"})
_OURS = frozenset({"host", "expect", "content-length"})
_NEEDED = (
    ("POST", re.compile(r"/v1/messages(/count_tokens)?")),
    ("GET", re.compile(r"/(v1/models(/[A-Za-z0-9._-]+)?)?")),
    ("HEAD", re.compile(r"/")),
)


class ModelLink:
    """The connection to the model that belongs to one connection of a client; reused for its next request."""

    def __init__(self, upstream: Callable[[], Upstream], tls: ssl.SSLContext) -> None:
        self._current = upstream
        self._upstream = upstream()
        self._tls = tls
        self._stream: Stream | None = None

    async def exchange(self, client: SocketStream, head: Head) -> bool:
        """Forward one request and its answer; whether the client's connection can carry another one."""
        if (upstream := self._current()) != self._upstream:
            self.close()
            self._upstream = upstream
        if self._upstream.credential is not None and not is_needed(head.first[0], head.first[1]):
            await client.write(_failure(403, "permission_error", "this part of the API is not for agents"))
            return False
        try:
            stream = await self._connected()
            await stream.write(self._request(head))
        except (OSError, TimeoutError) as error:
            self.close()
            await client.write(_failure(502, "api_error", f"the model cannot be reached: {words(error)}"))
            return False
        if head.values("expect"):
            await client.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        whole = True
        try:
            await copy_request_body(head, client, stream)
        except OSError:
            whole = False  # the model refuses the rest of the request; its answer says why
        return await _unless_gone(client, self._answer(client, head, stream)) is True and whole

    def close(self) -> None:
        """End the connection: nothing more is generated for a client that is gone."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    async def _connected(self) -> Stream:
        if self._stream is not None and not self._stream.is_idle:
            self.close()
        if self._stream is None:
            self._stream = await connect(self._upstream.url, self._tls)
        return self._stream

    def _request(self, head: Head) -> bytes:
        method, target, _ = head.first
        url = urlsplit(self._upstream.url)
        credential = self._upstream.credential
        dropped = _OURS if credential is None else _OURS | _CREDENTIALS
        headers: Headers = [("Host", url.netloc.rpartition("@")[2])]
        headers += [(name, value) for name, value in head.end_to_end() if name.lower() not in dropped]
        if credential is not None:
            headers.append(credential)
        headers += _framing(head)
        return write((method, url.path.rstrip("/") + target, "HTTP/1.1"), headers)

    async def _answer(self, client: SocketStream, request: Head, stream: Stream) -> bool:
        try:
            head = await final_head(stream)
        except (OSError, BadRequestError) as error:
            self.close()
            await client.write(_failure(502, "api_error", f"the model did not answer: {words(error)}"))
            return False
        has_body = request.first[0] != "HEAD" and head.first[1] not in {"204", "304"}
        bounded = not has_body or head.is_chunked or head.length is not None
        stays = bounded and request.keeps_alive
        headers = [one for one in head.end_to_end() if one[0].lower() != "content-length"] + _framing(head)
        headers.append(("Connection", "keep-alive" if stays else "close"))
        await client.write(write(("HTTP/1.1", *head.first[1:]), headers))
        try:
            if has_body:
                await copy_answer_body(head, stream, client)
        except BadRequestError as error:
            raise ConnectionAbortedError from error  # no second answer in the middle of the first one
        if not head.keeps_alive or not bounded:
            self.close()
        return stays


async def connect(address: str, tls: ssl.SSLContext) -> Stream:
    """A connection to the model at this address. OSError and TimeoutError when there is none."""
    url = urlsplit(address)
    host, secure = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if secure else 80)
    async with asyncio.timeout(CONNECT_SECONDS):
        return await (_open_tls(host, port, tls) if secure else _open_plain(host, port))


def is_needed(method: str, target: str) -> bool:
    """Whether Claude Code needs this of the API. Pure."""
    path = target.partition("?")[0]
    return any(method == known and pattern.fullmatch(path) for known, pattern in _NEEDED)


def _framing(head: Head) -> Headers:
    """How long the body is, said once and in one way."""
    if head.is_chunked:
        return [("Transfer-Encoding", "chunked")]
    return [] if head.length is None else [("Content-Length", str(head.length))]


async def final_head(stream: Stream) -> Head:
    """The head of the answer, after those that only announce it. BadRequestError when there is none."""
    while True:
        raw = await stream.read_until(b"\r\n\r\n", HEAD_BYTES)
        if not raw:
            raise BadRequestError("it closed the connection")
        head = parse(raw)
        if not head.first[1].startswith("1"):
            return head


async def _unless_gone(client: SocketStream, work: "Awaitable[bool]") -> bool | None:
    """What `work` returns; None, and the end of the work, when the client closes its connection before."""
    task: asyncio.Future[Any] = asyncio.ensure_future(work)
    gone = asyncio.ensure_future(client.ended())
    try:
        await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not task.done() and gone.result():
            return None
        return bool(await task)
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _open_plain(host: str, port: int) -> Stream:
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    trouble: OSError = ConnectionError("it has no address")
    for family, kind, protocol, _, address in infos:
        sock = socket.socket(family, kind, protocol)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, address)
        except OSError as error:
            sock.close()
            trouble = error
        except BaseException:
            sock.close()
            raise
        else:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return SocketStream(sock)
    raise trouble


async def _open_tls(host: str, port: int, tls: ssl.SSLContext) -> Stream:
    return TlsStream(*await asyncio.open_connection(host, port, ssl=tls))


def _failure(status: int, kind: str, message: str) -> bytes:
    """An error as the API writes them."""
    body = json.dumps({"type": "error", "error": {"type": kind, "message": f"hive-proxy: {message}"}}).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Connection", "close"),
    ]
    return write(("HTTP/1.1", str(status), "hive-proxy"), headers) + body


def words(error: BaseException) -> str:
    """What went wrong, also for an error without a text."""
    return str(error) or type(error).__name__
