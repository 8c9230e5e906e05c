"""An open terminal in a browser: between its WebSocket and the daemon.

To the browser: binary messages are output; a text message is JSON, `{"offset"}` before the first output, `{"ended"}` at
the end of the terminal. From the browser: binary messages are typed, a text message is `{"columns", "rows"}`.
"""

import base64
import contextlib
import json
from collections.abc import Iterator

import gevent
from pydantic import ValidationError

from harness.wire.errors import HiveError
from web.daemon.terminals import TerminalFrame, Terminals
from web.live.websocket import FAILED, GOING_AWAY, WebSocket

PING_SECONDS = 15.0
PIECE_BYTES = 32 * 1024
"""Of what is typed, in one request to the daemon."""


class OpenSockets:
    """Every open WebSocket. They end with the session of their browser, and with the process."""

    def __init__(self) -> None:
        self._open: dict[WebSocket, int | None] = {}

    def __len__(self) -> int:
        return len(self._open)

    def close(self) -> None:
        """End all of them; their browsers try again."""
        for one in list(self._open):
            one.close(GOING_AWAY, "the page is restarted")

    def end_session(self, session: int) -> None:
        """End those of one session."""
        for one in list(self._open):
            if self._open.get(one) == session:
                one.close(GOING_AWAY, "logged out")

    def serve(self, terminals: Terminals, id_: str, offset: int, socket: WebSocket, *, session: int | None) -> None:
        """Show an open terminal until one of the two sides ends. `session`: None for a program with a bearer token."""
        self._open[socket] = session
        ping = writer = None
        try:
            frames = terminals.attach(id_, offset)
            writer = gevent.spawn(_show, frames, socket)
            ping = gevent.spawn(_ping, socket)
            for message in socket:
                _take(terminals, id_, message)
        except (HiveError, ValidationError) as error:
            socket.close(FAILED, str(error)[:100])
        except OSError:
            pass  # the browser is gone
        finally:
            self._open.pop(socket, None)
            for greenlet in (writer, ping):
                if greenlet is not None:
                    greenlet.kill()


def _show(frames: Iterator[TerminalFrame], socket: WebSocket) -> None:
    with contextlib.suppress(OSError, HiveError):  # the browser or the daemon is gone
        began = False
        for frame in frames:
            if frame.data is None:
                socket.send(json.dumps({"ended": frame.reason, "status": frame.exit_status}))
                break
            if not began:
                began = True
                socket.send(json.dumps({"offset": frame.offset}))
            socket.send(base64.b64decode(frame.data))
    socket.close(GOING_AWAY)


def _ping(socket: WebSocket) -> None:
    with contextlib.suppress(OSError):
        while not socket.closed:
            gevent.sleep(PING_SECONDS)
            socket.ping()


def _take(terminals: Terminals, id_: str, message: bytes | str) -> None:
    if isinstance(message, bytes):
        for start in range(0, len(message), PIECE_BYTES):
            terminals.type_in(id_, message[start : start + PIECE_BYTES])
        return
    try:
        size = json.loads(message)
        columns, rows = int(size["columns"]), int(size["rows"])
    except (ValueError, KeyError, TypeError):
        return  # from a page of another version
    with contextlib.suppress(ValidationError):  # a window that is no size for a terminal
        terminals.resize(id_, columns, rows)
