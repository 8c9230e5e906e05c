"""What Claude starts in place of an MCP server that runs beside the container: bridges stdio and the server's socket.

A program of its own, standard library only, run with `-I -S`. Argument: the path of the socket.
"""

import os
import select
import socket
import sys
import time

CONNECT_SECONDS = 10.0
PAUSE_SECONDS = 0.05
CHUNK_BYTES = 64 * 1024


def main() -> int:
    """Until the server closes the connection."""
    connection = _connect(sys.argv[1])
    if connection is None:
        sys.stderr.write("hive: this MCP server does not run; the log of the agent may say why\n")
        return 1
    sources = [0, connection.fileno()]
    while connection.fileno() in sources:
        ready, _, _ = select.select(sources, [], [])
        if 0 in ready and not _move_input(connection):
            sources.remove(0)
        if connection.fileno() in ready:
            data = connection.recv(CHUNK_BYTES)
            if not data:
                return 0
            _write(data)
    return 0


def _connect(path: str) -> "socket.socket | None":
    """The socket is made while the container starts, so it may not be there yet."""
    give_up = time.monotonic() + CONNECT_SECONDS
    while True:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.connect(path)
        except OSError:
            connection.close()
            if time.monotonic() > give_up:
                return None
            time.sleep(PAUSE_SECONDS)
        else:
            return connection


def _move_input(connection: socket.socket) -> bool:
    data = os.read(0, CHUNK_BYTES)
    if data:
        connection.sendall(data)
    else:
        connection.shutdown(socket.SHUT_WR)
    return bool(data)


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BrokenPipeError, ConnectionResetError):
        sys.exit(1)
