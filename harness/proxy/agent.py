"""One agent's socket: accepts connections, tells protocols apart, limits what one agent may have open at once.

The first byte decides: 5 is SOCKS; otherwise an HTTP request whose target is a path goes to the model, and one whose
target is a host or an address goes outside.
"""

import asyncio
import logging
import socket
import ssl
import time

from harness.proxy import dial, outside
from harness.proxy.errors import BadRequestError, RefusedError, UnreachableError
from harness.proxy.heads import HEAD_BYTES, Head, parse_request
from harness.proxy.hosts import Hosts
from harness.proxy.model import ModelLink
from harness.proxy.stream import SocketStream
from harness.wire.proxy import MODEL_HOST, Serve

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 128
"""Of one agent at the same time; further ones wait in the kernel's queue."""
MAX_LOOKUPS = 4
HEAD_SECONDS = 30.0
"""How long a client may take for its first request; later ones may come when they like."""
ACCEPT_PAUSE_SECONDS = 0.2

LOGIN_HOSTS = frozenset(
    {"api.anthropic.com", "platform.claude.com", "console.anthropic.com", "claude.ai", "claude.com"}
)
"""Where an agent with credentials of its own finds the model and its login; always allowed to such an agent."""

_SOCKS = b"\x05"
_MODEL_PREFIX = f"http://{MODEL_HOST}/"


class AgentPort:
    """Serves until `close` or `drain`. `settings` can be replaced; open connections live on with the new ones."""

    def __init__(self, settings: Serve, listening: socket.socket, tls: ssl.SSLContext) -> None:
        self.hosts = Hosts(settings.agent)
        self.settings = settings
        self._tls = tls
        self._loop = asyncio.get_running_loop()
        self._lookups = asyncio.Semaphore(MAX_LOOKUPS)
        self._connections: set[asyncio.Task[None]] = set()
        self._idle: set[asyncio.Task[None]] = set()
        """Of the connections, those that have had an answer and may send another request."""
        self._draining = False
        self._listening: socket.socket | None = None
        self._pause: asyncio.TimerHandle | None = None
        self.listen(listening)

    def listen(self, listening: socket.socket) -> None:
        """Accept on another socket of the same agent."""
        self._stop_listening()
        listening.setblocking(False)
        self._listening = listening
        self._resume()

    def close(self) -> None:
        """End every connection."""
        self._stop_listening()
        for connection in self._connections:
            connection.cancel()

    def drain(self) -> None:
        """Accept nothing any more, and end each connection after the answer it waits for."""
        self._draining = True
        self._stop_listening()
        for connection in self._idle:
            connection.cancel()

    async def ended(self) -> None:
        """Returns when no connection is left."""
        while self._connections:
            await asyncio.wait(self._connections)

    def _resume(self) -> None:
        self._pause = None
        if self._listening is not None:
            self._loop.add_reader(self._listening, self._accept, self._listening)

    def _stop_listening(self) -> None:
        if self._pause is not None:
            self._pause.cancel()
            self._pause = None
        if self._listening is not None:
            self._loop.remove_reader(self._listening)
            self._listening.close()
            self._listening = None

    def _accept(self, listening: socket.socket) -> None:
        """Not asyncio's own, which can lose a connection that it has accepted when it is cancelled."""
        if len(self._connections) >= MAX_CONNECTIONS:
            self._loop.remove_reader(listening)
            return
        try:
            sock, _ = listening.accept()
        except BlockingIOError:
            return
        except OSError as error:
            log.warning("cannot accept agent=%s error=%s", self.settings.agent, error)
            self._loop.remove_reader(listening)
            self._pause = self._loop.call_later(ACCEPT_PAUSE_SECONDS, self._resume)
            return
        connection = asyncio.create_task(self._serve(sock))
        self._connections.add(connection)
        connection.add_done_callback(self._ended)

    def _ended(self, connection: "asyncio.Task[None]") -> None:
        self._connections.discard(connection)
        if self._pause is None:
            self._resume()
        if not connection.cancelled() and connection.exception() is not None:
            log.error("connection failed agent=%s", self.settings.agent, exc_info=connection.exception())

    async def _serve(self, sock: socket.socket) -> None:
        client = SocketStream(sock)
        try:
            await self._speak(client)
        except BadRequestError as error:
            await _say(client, outside.refusal(400, str(error)))
        except (OSError, TimeoutError):
            return  # the client, or the host it talked to, went away
        finally:
            client.close()

    async def _speak(self, client: SocketStream) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            first = await client.read(1)
            if not first:
                return
            client.unread(first)
            head = None if first == _SOCKS else await _request(client)
        if first == _SOCKS:
            await outside.serve_socks(client, self._dial)
        elif head is not None and head.first[0] == "CONNECT":
            await outside.serve_connect(client, head, self._dial)
        elif head is not None and _is_for_model(head):
            await self._serve_model(client, head)
        elif head is not None:
            await outside.serve_plain(client, head, self._dial)

    async def _serve_model(self, client: SocketStream, head: Head) -> None:
        link = ModelLink(lambda: self.settings.upstream, self._tls)
        request: Head | None = head
        try:
            while request is not None:
                if not _is_for_model(request):
                    raise BadRequestError("that connection is for the model")
                if not await link.exchange(client, _to_path(request)) or self._draining:
                    return
                request = await self._next(client)
        finally:
            link.close()

    async def _next(self, client: SocketStream) -> Head | None:
        """The next request on a connection; until its first byte has come the connection is idle."""
        task = asyncio.current_task()
        assert task is not None
        self._idle.add(task)
        try:
            first = await client.read()
        finally:
            self._idle.discard(task)
        if not first:
            return None
        client.unread(first)
        return await _request(client)

    async def _dial(self, text: str, port: int) -> socket.socket:
        host, reason = "(no name)", None
        try:
            host = dial.host_name(text)
            self._check(host)
            return await dial.connect(host, port, self._lookups)
        except (RefusedError, UnreachableError) as error:
            reason = str(error)
            raise
        finally:
            self.hosts.note(host, port, reason=reason, now_ms=int(time.time() * 1000))

    def _check(self, host: str) -> None:
        network, own_login = self.settings.network, self.settings.upstream.credential is None
        if not network.allows(host) and not (own_login and host in LOGIN_HOSTS):
            raise RefusedError(
                f'network.mode is "{network.mode}"' if network.allow is None else "it is not in network.allow"
            )


async def _request(client: SocketStream) -> Head | None:
    raw = await client.read_until(b"\r\n\r\n", HEAD_BYTES)
    return parse_request(raw) if raw else None


def _is_for_model(head: Head) -> bool:
    return head.first[1].startswith(("/", _MODEL_PREFIX))


def _to_path(head: Head) -> Head:
    method, target, version = head.first
    return Head((method, "/" + target.removeprefix(_MODEL_PREFIX).removeprefix("/"), version), head.headers)


async def _say(client: SocketStream, words: bytes) -> None:
    try:
        async with asyncio.timeout(1.0):
            await client.write(words)
    except (OSError, TimeoutError):
        return
