"""A unix socket that answers wire requests, as a supervised actor.

Owns the socket file, the accept watcher and one greenlet per connection. Promises: requests of a connection are
answered in order; the answer to any bytes is a frame of the wire or a hang-up; a client that vanishes is noticed while
its request waits; no other connection is disturbed by any of it, and no other socket by all of them together: they have
a `Share` of the daemon.
"""

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gevent import GreenletExit
from gevent.pool import Pool
from gevent.server import StreamServer
from gevent.socket import AF_UNIX, SOCK_STREAM, socket

from actors import frames
from actors.connection import Connection, is_of_client
from actors.fair_share import TRUSTED, FairShare, Share
from actors.supervision import Actor, ActorCrashed, AskTimeout, Clock, NotRunning, SystemClock, is_of_the_machine
from harness.wire import framing
from harness.wire.errors import ErrorCode, HiveError, conflict, forbidden, unavailable
from harness.wire.model import Reply, Request
from harness.wire.parse import parse_request
from harness.wire.verb import Verbs

log = logging.getLogger(__name__)

Handler = Callable[[Request, Connection], Reply | None]
"""Runs in the connection's greenlet and may wait. None means: a stream was written and has ended."""

READ_BYTES = 64 * 1024
DRAIN_SECONDS = 2.0
_PATH_LIMIT = 107


class Listener(Actor):
    """Serves `verbs` on the unix socket at `path` by calling `handler`."""

    def __init__(
        self,
        *,
        path: Path,
        verbs: Verbs,
        handler: Handler,
        mode: int = 0o600,
        owner: tuple[int, int] | None = None,
        allowed_uids: frozenset[int] | None = None,
        share: Share = TRUSTED,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(clock=clock or SystemClock())
        self._path = path
        self._verbs = verbs
        self._handler = handler
        self._mode = mode
        self._owner = owner
        self._allowed_uids = allowed_uids
        self._share = FairShare(share)
        self._connections: dict[Connection, None] = {}
        self._pool = Pool()
        self._server: StreamServer | None = None
        self._closing = False
        """Requests in hand are answered, further ones are not taken."""
        self._inode: tuple[int, int] | None = None

    def on_start(self) -> None:
        listening = _bind(self._path, self._mode, self._owner)
        status = self._path.stat()
        self._inode = (status.st_dev, status.st_ino)
        self._server = StreamServer(listening, self._accepted, spawn=self._pool)
        self._server.start()

    def on_stop(self) -> None:
        self._close(drain_seconds=DRAIN_SECONDS)

    def on_crash(self, exit_: Any) -> None:  # noqa: ARG002
        self._close(drain_seconds=0)

    def state_word(self) -> str:
        return f"{len(self._connections)} connected"

    def handle(self, message: object) -> None:
        """A listener takes no messages; its work comes in over its socket."""
        log.warning("unexpected message listener=%s message=%r", self._path, message)

    # ---- connections ----------------------------------------------------------------------------

    def _accepted(self, sock: socket, _address: object) -> None:
        try:
            connection = Connection(sock)
        except OSError:
            sock.close()
            return
        try:
            self._admit(connection)
        except HiveError as refusal:
            connection.finish(refusal.as_reply())
            connection.close()
            return
        self._connections[connection] = None
        try:
            self._converse(sock, connection)
        except (OSError, GreenletExit):
            pass  # the client or this listener is gone; finish() has run what hung on the reply
        finally:
            if connection.busy:
                connection.finish(None)
            del self._connections[connection]
            connection.close()

    def _admit(self, connection: Connection) -> None:
        if self._allowed_uids is not None and connection.uid not in self._allowed_uids:
            raise forbidden(f"this socket is not for uid {connection.uid}")
        most = self._share.share.connections
        if len(self._connections) < most:
            return
        idle = next((other for other in self._connections if not other.busy), None)
        if idle is None:
            raise unavailable(f"all {most} connections of this socket are busy", "close some and try again")
        idle.hang_up()

    def _converse(self, sock: socket, connection: Connection) -> None:
        reader, held = framing.LineReader(), 0
        try:
            while data := sock.recv(READ_BYTES):
                try:
                    lines = reader.feed(data)
                    before, held = held, reader.held
                    self._share.hold(held - before)
                except HiveError as refusal:
                    connection.finish(refusal.as_reply())
                    return
                for line in lines:
                    if not self._answer(line, connection) or self._closing:
                        return
        finally:
            self._share.hold(-held)

    def _answer(self, line: bytes, connection: Connection) -> bool:
        """Answer one line; False when the connection is to be closed."""
        connection.begin(len(line))
        # A new connection takes the place of an idle one; the one that spoke last is the last to go.
        self._connections[connection] = self._connections.pop(connection)
        self._share.begin_reading()
        try:
            request, reply, stays = self._read(line)
        finally:
            self._share.end_reading()
        if request is not None:
            connection.take_place(self._share.in_hand)
            reply = self._reply(request, connection)
        # A stream that has ended has no way to say so but hanging up.
        return connection.finish(reply) and stays and reply is not None

    def _read(self, line: bytes) -> tuple[Request | None, dict[str, Any] | None, bool]:
        """The request in a line, or the reply that refuses it; and whether the connection is of use after that."""
        try:
            frame = frames.decode(line)
        except HiveError as refusal:
            return None, refusal.as_reply(), False
        try:
            return parse_request(frame, self._verbs), None, True
        except HiveError as refusal:
            return None, refusal.as_reply(), True
        except Exception as error:
            return None, self._failed(error, str(frame.get("cmd"))[:80]), True

    def _reply(self, request: Request, connection: Connection) -> dict[str, Any] | None:
        try:
            reply = self._handler(request, connection)
        except HiveError as refusal:
            return refusal.as_reply()
        except NotRunning as error:
            return unavailable(str(error), "it is being restarted; try again in a moment").as_reply()
        except AskTimeout as error:
            return HiveError(ErrorCode.TIMEOUT, str(error), "look at `hive actors`").as_reply()
        except Exception as error:
            if is_of_client(error, connection):
                raise
            return self._failed(error, request.cmd)
        return reply.as_reply() if reply is not None else None

    def _failed(self, error: Exception, cmd: str) -> dict[str, Any]:
        if is_of_the_machine(error):
            log.warning("request refused socket=%s cmd=%s error=%s", self._path, cmd, error)
            return unavailable(f"the machine refuses it: {error}", "`hive doctor` looks at the machine").as_reply()
        if not isinstance(error, ActorCrashed):
            log.error("request failed socket=%s cmd=%s", self._path, cmd, exc_info=error)
        return HiveError(ErrorCode.INTERNAL, f"the daemon failed: {error}", "the reason is in its log").as_reply()

    # ---- the end --------------------------------------------------------------------------------

    def _close(self, *, drain_seconds: float) -> None:
        if self._server is None:
            return
        self._closing = True
        self._server.stop_accepting()
        self._unlink()
        for connection in list(self._connections):
            if not connection.busy or connection.waiting:
                connection.hang_up()
        self._pool.join(timeout=drain_seconds)
        self._server.stop(timeout=0)
        self._pool.kill()
        self._server = None

    def _unlink(self) -> None:
        try:
            status = self._path.stat()
            if (status.st_dev, status.st_ino) == self._inode:
                self._path.unlink()
        except FileNotFoundError:
            pass


def _bind(path: Path, mode: int, owner: tuple[int, int] | None) -> socket:
    """A listening socket at `path`; a stale socket file makes room, anything else is refused."""
    if len(os.fsencode(path)) > _PATH_LIMIT:
        raise conflict(f"{path} is longer than the {_PATH_LIMIT} bytes a unix socket may have", "set a shorter run_dir")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise conflict(f"{path} exists and is no socket", "move it away")
        path.unlink()
    except FileNotFoundError:
        pass
    listening = socket(AF_UNIX, SOCK_STREAM)
    before = os.umask(0o777 & ~mode)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    if owner is not None:
        os.chown(path, *owner)
    path.chmod(mode)
    listening.listen(1024)
    return listening
