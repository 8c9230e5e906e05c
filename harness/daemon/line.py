"""The harness's end of the line to the shim, which is outside the container.

The harness inherits one descriptor. Over it the shim hands out connections to the daemon's socket for the harness, and
keeps the harness's files; neither has a path inside the container. Each request is one datagram and has one reply.
"""

import os
import socket
from pathlib import Path

from harness.storage import Storage

READ_BYTES = 1024


class LineClosed(OSError):  # noqa: N818 — it is what happened, and it is caught by that name
    """The shim has ended. The container ends with it."""


class Line:
    """Used by one thread. A request takes the milliseconds that the shim needs for a file of the harness."""

    def __init__(self, end: socket.socket) -> None:
        end.set_inheritable(False)
        end.setblocking(True)
        self._end = end

    @classmethod
    def inherited(cls, descriptor: int) -> "Line":
        """The line on this descriptor. OSError when it is no socket."""
        return cls(socket.socket(fileno=descriptor))

    def connect(self) -> socket.socket:
        """A new connection to the daemon. OSError when the daemon does not listen."""
        return socket.socket(fileno=self._asked("connect"))

    def close(self) -> None:
        """Give the line up."""
        self._end.close()

    def file(self, name: str) -> Storage:
        """One of the harness's files: `session.json` or `outbox.jsonl`."""
        return LineFile(self, name)

    def load(self, name: str) -> bytes | None:
        """The content of a file; None where there is none."""
        try:
            handle = self._asked(f"load {name}")
        except FileNotFoundError:
            return None
        with os.fdopen(handle, "rb") as content:
            return content.read()

    def save(self, name: str, content: bytes) -> None:
        """Replace a file as a whole. OSError when the shim cannot."""
        with os.fdopen(os.memfd_create(name), "wb") as handle:
            handle.write(content)
            handle.flush()
            self._answer([handle.fileno()], f"save {name}")

    def put_aside(self, name: str) -> None:
        """Have the shim give a damaged file another name, with the time. OSError when it cannot, or is an older one."""
        self._answer([], f"aside {name}")

    def _asked(self, words: str) -> int:
        handles = self._answer([], words)
        if not handles:
            raise FileNotFoundError(words)
        return handles[0]

    def _answer(self, given: list[int], words: str) -> list[int]:
        """The descriptors of a good reply. OSError with the text of a refusal."""
        try:
            socket.send_fds(self._end, [words.encode()], given)
            reply, handles, _, _ = socket.recv_fds(self._end, READ_BYTES, 1, socket.MSG_CMSG_CLOEXEC)
        except OSError as error:
            raise LineClosed(f"the line to the shim broke: {error}") from None
        if not reply:
            raise LineClosed("the shim has ended")
        if reply != b"ok":
            raise OSError(reply.decode(errors="replace"))
        return handles


class LineFile:
    """A file that the shim keeps."""

    def __init__(self, line: Line, name: str) -> None:
        self._line = line
        self._name = name

    def load(self) -> bytes | None:
        """The content; None where there is none."""
        return self._line.load(self._name)

    def save(self, content: bytes) -> None:
        """Replace the content as a whole."""
        self._line.save(self._name, content)

    def put_aside(self) -> None:
        """Give the file another name, with the time."""
        self._line.put_aside(self._name)


Where = Path | Line
"""Where a client reaches the daemon: the agent's socket, or the harness's line."""
