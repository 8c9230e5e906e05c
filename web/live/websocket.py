"""A WebSocket over the connection of one request: the frames are wsproto's, the bytes gevent's.

Owned by the greenlet of its request, which reads; any other greenlet may send.
"""

import encodings.idna  # noqa: F401 — wsproto reads host names with it, and this process opens no file after its start
from collections import deque
from collections.abc import Iterator
from typing import Any

from gevent import Timeout
from gevent.lock import RLock
from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    Pong,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

READ_BYTES = 64 * 1024
MAX_MESSAGE_BYTES = 64 * 1024
"""What a browser may send at once; a longer message ends the connection."""
SEND_SECONDS = 30.0
"""How long a client may take for one message."""
SILENT_SECONDS = 45.0
"""How long a connection may be silent; a browser answers the pings in between."""
UPGRADE = "hive.websocket"
"""In the WSGI environment: the function that serves the WebSocket, if the request is the handshake of one."""
GOING_AWAY, TOO_LONG, FAILED = 1001, 1009, 1011

Message = bytes | str


class WebSocket:
    """One open WebSocket. Iterating yields the messages and ends when the other side has closed or is gone."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._connection = WSConnection(ConnectionType.SERVER)
        self._events: deque[Event] = deque()
        self._sending = RLock()
        self._parts: list[Message] = []
        self.closed = False

    def accept(self, headers: list[tuple[bytes, bytes]], path: str) -> bool:
        """Answer the handshake; False, with an answer that says so, when it is none."""
        try:
            self._connection.initiate_upgrade_connection(headers, path)
        except RemoteProtocolError as error:
            self._write(self._connection.send(error.event_hint or RejectConnection(status_code=400)))
            return False
        request = next(self._connection.events())
        assert isinstance(request, Request)
        self._write(self._connection.send(AcceptConnection()))
        return True

    def __iter__(self) -> Iterator[Message]:
        while not self.closed:
            message = self._receive()
            if message is not None and not self.closed:  # what comes after its end is not taken
                yield message

    def send(self, message: Message) -> None:
        """Send one message; OSError when the other side is gone or does not read."""
        event: Event = BytesMessage(data=message) if isinstance(message, bytes) else TextMessage(data=message)
        self._send(event)

    def ping(self) -> None:
        """Have the other side say that it is there."""
        self._send(Ping())

    def close(self, code: int = GOING_AWAY, reason: str = "") -> None:
        """End it; nothing happens when it has ended."""
        if not self.closed:
            self.closed = True
            try:
                self._send(CloseConnection(code=code, reason=reason))
            except OSError:
                return

    def _receive(self) -> Message | None:
        """The next whole message; None when something else came, or nothing more will."""
        if not self._events:
            try:
                with Timeout(SILENT_SECONDS, TimeoutError("the client is silent")):
                    data = self._sock.recv(READ_BYTES)
                self._connection.receive_data(data or None)
                self._events.extend(self._connection.events())
            except (OSError, RemoteProtocolError):
                self.closed = True
                return None
        return self._take(self._events.popleft()) if self._events else None

    def _take(self, event: Event) -> Message | None:
        match event:
            case CloseConnection():
                self._send(event.response())
                self.closed = True
            case Ping():
                self._send(event.response())
            case Pong():
                pass
            case TextMessage() | BytesMessage():
                self._parts.append(event.data if isinstance(event.data, str) else bytes(event.data))
                if sum(map(len, self._parts)) > MAX_MESSAGE_BYTES:
                    self.close(TOO_LONG, "the message is too long")
                elif event.message_finished:
                    parts, self._parts = self._parts, []
                    return type(parts[0])().join(parts)  # type: ignore[arg-type]  # all of one kind
        return None

    def _send(self, event: Event) -> None:
        with self._sending:
            try:
                data = self._connection.send(event)
            except LocalProtocolError:
                raise ConnectionResetError("the connection is closed") from None
            self._write(data)

    def _write(self, data: bytes) -> None:
        with Timeout(SEND_SECONDS, TimeoutError("the client does not read")):
            self._sock.sendall(data)
