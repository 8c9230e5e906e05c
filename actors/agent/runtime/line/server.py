"""The shim's end of the line to the harness. Standard library only: `shim.py` loads this file by its path.

The harness reaches two things that have no path inside its container, so that no other process there reaches them: the
daemon's socket for the harness, and the harness's files. The line outlives the daemon, as the shim does.

One datagram is one request and gets one reply: `ok`, with a descriptor where one is asked for, or a reason.

- `connect`: a connection to the daemon.
- `load NAME`: a copy of a file; without a descriptor when there is none.
- `save NAME`, with a memory file: its content replaces the file.
- `aside NAME`: the file, which is damaged, gets another name with the time. The newest three are kept.

What comes in is an agent's: descriptors that are no memory files are refused before they are read, and nothing here
waits. No file of the host is ever open inside.
"""

import contextlib
import functools
import os
import socket
import stat
import time

NAMES = frozenset({"session.json", "outbox.jsonl"})
KEPT_ASIDE = 3
MAX_BYTES = 16 * 1024 * 1024
"""Of one file."""
REQUEST_BYTES = 256


class LineServer:
    """Owns both ends until the child has inherited the inner one. `folder` is where the files are kept."""

    def __init__(self, daemon: str, folder: str) -> None:
        self._daemon = daemon
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._end, self._inner = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._end.setblocking(False)
        self.closed = False
        """Nobody inside has the other end any more."""

    def fileno(self) -> int:
        """What is readable when a request waits."""
        return self._end.fileno()

    def give(self, number: int) -> None:
        """In the child: let the program inherit the inner end as this descriptor."""
        if self._inner.fileno() == number:
            self._inner.set_inheritable(True)
        else:
            os.dup2(self._inner.fileno(), number, inheritable=True)

    def keep_own_end(self) -> None:
        """In the shim: close the child's end."""
        self._inner.close()

    def serve(self) -> None:
        """Answer the request that waits."""
        try:
            words, given, _, _ = socket.recv_fds(self._end, REQUEST_BYTES, 1, socket.MSG_CMSG_CLOEXEC)
        except BlockingIOError:
            return
        except OSError:
            words, given = b"", []
        try:
            if words:
                self._reply(words.decode(errors="replace").split(" "), given)
            else:
                self.close()
        finally:
            for handle in given:
                os.close(handle)

    def close(self) -> None:
        """Serve no more."""
        if not self.closed:
            self.closed = True
            self._end.close()
            os.close(self._folder)

    def _reply(self, words: "list[str]", given: "list[int]") -> None:
        handles: list[int] = []
        try:
            handles = self._carried_out(words, given)
            reply = b"ok"
        except (OSError, ValueError) as error:
            reply = str(error).encode(errors="replace")[:REQUEST_BYTES] or b"failed"
        # A harness that does not read its replies gets none.
        with contextlib.suppress(OSError):
            socket.send_fds(self._end, [reply], handles)
        for handle in handles:
            os.close(handle)

    def _carried_out(self, words: "list[str]", given: "list[int]") -> "list[int]":
        """The descriptors of the reply. OSError and ValueError are refusals."""
        match words, given:
            case ["connect"], []:
                return [self._connected()]
            case ["load", name], [] if name in NAMES:
                return self._loaded(name)
            case ["save", name], [memory] if name in NAMES:
                self._save(name, memory)
                return []
            case ["aside", name], [] if name in NAMES:
                self._put_aside(name)
                return []
        raise ValueError("this line has no such request")

    def _put_aside(self, name: str) -> None:
        mark = f"{name}.damaged-"
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        os.rename(name, mark + at, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        left = [one for one in os.listdir(self._folder) if one.startswith(mark)]  # noqa: PTH208 — of a descriptor
        for old in sorted(left)[:-KEPT_ASIDE]:
            with contextlib.suppress(OSError):
                os.unlink(old, dir_fd=self._folder)

    def _connected(self) -> int:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.setblocking(False)
            connection.connect(self._daemon)
            connection.setblocking(True)
            return connection.detach()
        finally:
            connection.close()

    def _loaded(self, name: str) -> "list[int]":
        # An agent of an older hive could write to this folder: what lies there may be a link, or endless.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            file = os.open(name, flags, dir_fd=self._folder)
        except FileNotFoundError:
            return []
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise OSError(f"{name} is no file")
            content = os.pread(file, MAX_BYTES, 0)
        finally:
            os.close(file)
        copy = os.memfd_create(name)
        with os.fdopen(os.dup(copy), "wb") as memory:
            memory.write(content)
        os.lseek(copy, 0, os.SEEK_SET)
        return [copy]

    def _save(self, name: str, memory: int) -> None:
        if os.fstat(memory).st_dev != _memory_device():
            raise ValueError("what is to be saved is no memory file")
        content = os.pread(memory, MAX_BYTES + 1, 0)
        if len(content) > MAX_BYTES:
            raise ValueError(f"{name} is larger than {MAX_BYTES} bytes")
        part = f".{name}.part"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(part, dir_fd=self._folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(part, flags, 0o600, dir_fd=self._folder), "wb") as stream:
            stream.write(content)
        os.rename(part, name, src_dir_fd=self._folder, dst_dir_fd=self._folder)


@functools.cache
def _memory_device() -> int:
    """Where memory files lie, and no file with a path does. Seals tell less: a file of any tmpfs has them."""
    made = os.memfd_create("device")
    try:
        return os.fstat(made).st_dev
    finally:
        os.close(made)
