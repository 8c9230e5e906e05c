"""The HTTP server of the web process: bounded in connections, in the time of a request and in the size of its body.

A connection waits until a whole request has arrived, is busy while the response is made, and waits again while its
client does not take what is sent. When all places are taken, a waiting connection makes room for the new one. A busy
connection is never closed for another: what takes long to make (a live stream) needs a session.
"""

import contextlib
import errno
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gevent import Timeout, sleep
from gevent.pywsgi import WSGIHandler, WSGIServer
from gevent.socket import SHUT_RDWR

from web.http.checks import MAX_BODY_BYTES
from web.live.websocket import UPGRADE, WebSocket

MAX_CONNECTIONS = 1_000
REQUEST_SECONDS = 30.0
"""How long a connection may wait without a whole request; also the limit for an idle connection that is kept alive."""
SEND_SECONDS = 30.0
"""How long a client may take for SEND_BYTES of a response."""
SEND_BYTES = 64 * 1024


def _unread(status: str, sentence: str) -> bytes:
    """The answer to a request that no page sees; a browser shows the sentence."""
    body = f"{status}: {sentence}\n".encode()
    head = ("Connection: close", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}", "\r\n")
    return f"HTTP/1.1 {status}\r\n".encode() + "\r\n".join(head).encode() + body


BAD_REQUEST = _unread("400 Bad Request", "the request could not be read; its address or a header may be too long")
LENGTH_REQUIRED = _unread("411 Length Required", "a body has to say its length")


def least_needed(waiting: Iterable[tuple["Handler", str]]) -> "Handler | None":
    """The connection that makes room: of the address with most waiting connections the one that waits longest.

    `waiting` is ordered, the longest first.
    """
    waiting = list(waiting)
    if not waiting:
        return None
    most = Counter(address for _, address in waiting).most_common(1)[0][0]
    return next(handler for handler, address in waiting if address == most)


class Connections:
    """The open connections of the process, over all its servers."""

    def __init__(self, limit: int = MAX_CONNECTIONS) -> None:
        self._limit = limit
        self._open: dict[Handler, None] = {}
        self._waiting: dict[Handler, str] = {}

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, handler: "Handler") -> bool:
        """Whether there is a place for a new connection; a waiting one may be closed for it."""
        if len(self._open) >= self._limit:
            given_up = least_needed(self._waiting.items())
            if given_up is None:
                return False
            self.leave(given_up)
            given_up.hang_up()
        self._open[handler] = None
        self.wait(handler)
        return True

    def wait(self, handler: "Handler") -> None:
        """The connection waits for its next request."""
        if handler in self._open:
            self._waiting.pop(handler, None)
            self._waiting[handler] = handler.peer

    def busy(self, handler: "Handler") -> None:
        """The connection has a whole request."""
        self._waiting.pop(handler, None)

    @contextlib.contextmanager
    def waiting(self, handler: "Handler") -> Iterator[None]:
        """The connection waits for its client to take what is sent, and then is as before."""
        if handler in self._waiting:
            yield
            return
        self.wait(handler)
        try:
            yield
        finally:
            self.busy(handler)

    def leave(self, handler: "Handler") -> None:
        self._open.pop(handler, None)
        self._waiting.pop(handler, None)


class Handler(WSGIHandler):  # type: ignore[misc]  # gevent has no types
    """One connection."""

    @property
    def peer(self) -> str:
        """The address of the client, without its port."""
        return str(self.client_address[0]) if self.client_address else ""

    def handle(self) -> None:
        connections = self.server.connections
        if not connections.admit(self):
            self.socket.close()
            return
        try:
            super().handle()
        finally:
            connections.leave(self)

    def hang_up(self) -> None:
        """End the connection; its greenlet reads the end of the stream."""
        with contextlib.suppress(OSError, AttributeError):  # it may be closed already
            self.socket.shutdown(SHUT_RDWR)

    def handle_one_request(self) -> Any:
        self.server.connections.wait(self)
        sleep(0)  # a client that sends many requests at once gets its turn like all others
        self._deadline = Timeout.start_new(REQUEST_SECONDS)
        try:
            return super().handle_one_request()
        except Timeout as expired:
            if expired is not self._deadline:
                raise
            return None
        finally:
            self._deadline.close()

    def handle_one_response(self) -> None:
        """The application sees a request with its whole body.

        A body over the limit is not read here, and the connection goes on waiting while it is refused. A body without a
        length is refused here.
        """
        if "HTTP_TRANSFER_ENCODING" in self.environ:
            with contextlib.suppress(OSError):
                self.socket.sendall(LENGTH_REQUIRED)
            self.close_connection = True
            return
        if (self.content_length or 0) <= MAX_BODY_BYTES:
            try:
                # A handshake has no body, and what would be read as one are the first frames.
                body = b"" if _is_handshake(self.environ) else self.environ["wsgi.input"].read(MAX_BODY_BYTES)
            except OSError:  # the client is gone
                self.close_connection = True
                return
            self.environ["wsgi.input"] = io.BytesIO(body)
            self._deadline.close()
            self.server.connections.busy(self)
        super().handle_one_response()

    def run_application(self) -> None:
        """A page may take the connection over: then what is left of it is a WebSocket's."""
        self.result = self.application(self.environ, self.start_response)
        serve = self.environ.get(UPGRADE)
        if serve is None or not _is_handshake(self.environ):
            try:
                self.process_result()
            finally:
                self._close_result()
            return
        self._close_result()
        self.close_connection = True
        self.headers_sent = True  # the answer is the handshake's: no error of the page may be written after it
        opened = WebSocket(self.socket)
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        if opened.accept(headers, self.path):
            try:
                serve(opened)
            finally:
                opened.close()

    def _close_result(self) -> None:
        close = getattr(self.result, "close", None)
        self.result = None
        if close is not None:
            close()

    def _handle_client_error(self, ex: BaseException) -> tuple[str, bytes]:  # noqa: ARG002
        """Not logged: a client without a token must not fill the log."""
        return "400", BAD_REQUEST

    def _sendall(self, data: bytes) -> None:
        connections = self.server.connections
        view = memoryview(data)
        for start in range(0, len(view), SEND_BYTES):
            with (
                connections.waiting(self),
                Timeout(SEND_SECONDS, OSError(errno.EPIPE, "the client does not read")),
            ):
                super()._sendall(view[start : start + SEND_BYTES])


def _is_handshake(environ: Mapping[str, Any]) -> bool:
    """Whether the request asks for another protocol on its connection, which leaves the body to the application."""
    upgrade, connection = str(environ.get("HTTP_UPGRADE", "")), str(environ.get("HTTP_CONNECTION", ""))
    return upgrade.lower() == "websocket" or connection.lower() == "upgrade"


class Server(WSGIServer):  # type: ignore[misc]  # gevent has no types
    """One listening socket."""

    handler_class = Handler

    def __init__(self, listener: Any, application: Any, connections: Connections, **options: Any) -> None:
        super().__init__(listener, application, **options)
        self.connections = connections
