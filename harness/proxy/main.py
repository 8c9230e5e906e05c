"""The process `hive-proxy`: takes orders on standard input until it ends, reports hosts on standard output.

Standard input is a datagram socket to the daemon; its end is the end of the proxy. With `--uid` it becomes that user
before it serves anybody. The settings and the key are in its memory only, which no process of its user may read.
"""

import argparse
import asyncio
import contextlib
import ctypes
import encodings.idna  # noqa: F401 — loaded now: after the change of user its file may be out of reach
import logging
import os
import resource
import socket
import ssl
import sys

from harness.proxy.agent import AgentPort
from harness.wire.proxy import ORDER_BYTES, ORDERS, Close, Serve

log = logging.getLogger("hive-proxy")

REPORT_SECONDS = 1.0
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38


def main() -> int:
    """Serve until the daemon is gone."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    parser = argparse.ArgumentParser("hive-proxy", description=__doc__)
    parser.add_argument("--uid", type=int, help="become this user, when started by root")
    arguments = parser.parse_args()
    _raise_file_limit()
    tls = ssl.create_default_context()
    give_up_rights(arguments.uid)
    with socket.socket(fileno=os.dup(0)) as orders:
        asyncio.run(Proxy(tls).run(orders))
    return 0


def _raise_file_limit() -> None:
    """Every connection is two files; the soft limit of a login shell is too low for a swarm."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def give_up_rights(uid: int | None) -> None:
    """Become another user for good, gain no rights by exec, and keep the memory from processes of the same user."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    libc = ctypes.CDLL(None, use_errno=True)
    for option, value in ((PR_SET_NO_NEW_PRIVS, 1), (PR_SET_DUMPABLE, 0)):
        if libc.prctl(option, value, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), f"prctl({option})")


class Proxy:
    """The agents that are served, by name."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._ports: dict[str, AgentPort] = {}

    async def run(self, orders: socket.socket) -> None:
        """Returns when the daemon has closed its end of `orders`."""
        ended = asyncio.get_running_loop().create_future()
        orders.setblocking(False)
        asyncio.get_running_loop().add_reader(orders, self._take, orders, ended)
        reporting = asyncio.create_task(self._report_always())
        try:
            await asyncio.wait({ended, reporting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            reporting.cancel()
            for port in self._ports.values():
                port.close()
            await asyncio.gather(reporting, return_exceptions=True)

    def _take(self, orders: socket.socket, ended: "asyncio.Future[None]") -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(orders, ORDER_BYTES, 4)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            asyncio.get_running_loop().remove_reader(orders)
            if not ended.done():
                ended.set_result(None)
            return
        self._obey(data, [socket.socket(fileno=descriptor) for descriptor in descriptors])

    def _obey(self, data: bytes, sockets: list[socket.socket]) -> None:
        match ORDERS.validate_json(data):
            case Serve(agent=agent) as serve if len(sockets) == 1:
                if agent in self._ports:
                    self._ports[agent].replace(serve, sockets[0])
                else:
                    self._ports[agent] = AgentPort(serve, sockets[0], self._tls)
            case Close(agent=agent) if agent in self._ports:
                self._ports.pop(agent).close()
            case order:
                log.error("an order without its socket kind=%s", order.kind)

    async def _report_always(self) -> None:
        os.set_blocking(1, False)
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            for port in self._ports.values():
                _report(port)


def _report(port: AgentPort) -> None:
    """Write the rows of one agent, as far as the daemon takes them."""
    while (row := port.hosts.take()) is not None:
        try:
            os.write(1, row.model_dump_json().encode() + b"\n")
        except BlockingIOError:
            port.hosts.give_back(row)
            return


if __name__ == "__main__":
    sys.exit(main())
