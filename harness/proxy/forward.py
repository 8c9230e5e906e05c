"""Inside a container: hands TCP connections on the container's own loopback to the agent's socket of `hive-proxy`.

Programs know proxies by host and port, not by the path of a socket. The harness starts this as a process of its own,
so that the agent's downloads and open connections burden this process and not the harness.
"""

import asyncio
import contextlib
import socket
import sys

from harness.proxy.errors import BadRequestError
from harness.proxy.stream import SocketStream, splice

MAX_CONNECTIONS = 128
ACCEPT_PAUSE_SECONDS = 0.2


async def forward(listening: socket.socket, path: str) -> None:
    """Serve until the process ends."""
    loop = asyncio.get_running_loop()
    free = asyncio.Semaphore(MAX_CONNECTIONS)
    connections: set[asyncio.Task[None]] = set()
    listening.setblocking(False)
    while True:
        await free.acquire()
        try:
            sock, _ = await loop.sock_accept(listening)
        except OSError:
            free.release()
            await asyncio.sleep(ACCEPT_PAUSE_SECONDS)
            continue
        connection = asyncio.create_task(_connect(sock, path))
        connections.add(connection)
        connection.add_done_callback(connections.discard)
        connection.add_done_callback(lambda _: free.release())


async def _connect(sock: socket.socket, path: str) -> None:
    with sock, contextlib.suppress(OSError, BadRequestError), socket.socket(socket.AF_UNIX) as link:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link.setblocking(False)
        await asyncio.get_running_loop().sock_connect(link, path)
        await splice(SocketStream(sock), SocketStream(link))


def main() -> None:
    """`forward PATH PORT`."""
    path, port = sys.argv[1], int(sys.argv[2])
    with socket.create_server(("127.0.0.1", port), backlog=128) as listening, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forward(listening, path))


if __name__ == "__main__":
    main()
