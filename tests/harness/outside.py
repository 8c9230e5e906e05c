"""What stands outside of a harness: the shim's end of its line, served by a thread, and a file in place of one it keeps."""

import select
import threading

from actors.agent.runtime.line.server import LineServer


class Outside:
    """`inner` is the descriptor for the harness to inherit; then call `started`."""

    def __init__(self, socket, folder):
        self._server = LineServer(str(socket), str(folder))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def inner(self):
        return self._server._inner.fileno()

    def started(self):
        """The harness has the inner end."""
        self._server.keep_own_end()
        self._thread.start()

    def _serve(self):
        while not self._server.closed:
            select.select([self._server], [], [])
            self._server.serve()


class FileStorage:
    """A file of a test."""

    def __init__(self, path):
        self.path = path

    def load(self):
        return self.path.read_bytes() if self.path.exists() else None

    def save(self, content):
        self.path.write_bytes(content)

    def put_aside(self):
        self.path.rename(self.path.with_name(f"{self.path.name}.damaged-now"))
