"""The part of `hive-proxy` that talks to agents: takes orders on a datagram socket, and reports hosts on it.

`Drain`, and the end of that socket, mean the same: accept nothing any more, let what streams come to its end, then end.
So neither the end of the keeper nor a newer version breaks an answer.
"""

import asyncio
import contextlib
import logging
import socket
import ssl

from harness.proxy.agent import AgentPort
from harness.proxy.hosts import Hosts
from harness.wire.proxy import ORDER_BYTES, ORDERS, Close, Drain, Reached, Serve

log = logging.getLogger("hive-proxy")

REPORT_SECONDS = 1.0
DRAIN_SECONDS = 3600.0
"""What still streams after this time is cut."""


class Worker:
    """The agents that are served, by name."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._ports: dict[str, AgentPort] = {}

    async def run(self, orders: socket.socket) -> None:
        """Returns after a `Drain`, or the end of `orders`, when the last connection has ended."""
        draining = asyncio.Event()
        orders.setblocking(False)
        loop = asyncio.get_running_loop()
        loop.add_reader(orders, self._take, orders, draining)
        reporting = asyncio.create_task(self._report_always(orders))
        draining_begins = asyncio.create_task(draining.wait())
        try:
            await asyncio.wait({draining_begins, reporting}, return_when=asyncio.FIRST_COMPLETED)
            loop.remove_reader(orders)
            for port in self._ports.values():
                port.drain()
            ends = [asyncio.create_task(port.ended()) for port in self._ports.values()]
            if ends:
                await asyncio.wait(ends, timeout=DRAIN_SECONDS)
        finally:
            for port in self._ports.values():
                port.close()
            reporting.cancel()
            await asyncio.gather(reporting, return_exceptions=True)

    def _take(self, orders: socket.socket, draining: asyncio.Event) -> None:
        try:
            data, descriptors, _, _ = socket.recv_fds(orders, ORDER_BYTES, 4)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors = b"", []
        if not data:
            asyncio.get_running_loop().remove_reader(orders)
            draining.set()
            return
        self._obey(data, [socket.socket(fileno=descriptor) for descriptor in descriptors], draining)

    def _obey(self, data: bytes, sockets: list[socket.socket], draining: asyncio.Event) -> None:
        match ORDERS.validate_json(data), sockets:
            case Serve(agent=agent) as serve, [listening]:
                if agent in self._ports:
                    self._ports[agent].listen(listening)
                    self._ports[agent].settings = serve
                else:
                    self._ports[agent] = AgentPort(serve, listening, self._tls)
            case Serve(agent=agent) as serve, [] if agent in self._ports:
                self._ports[agent].settings = serve
            case Close(agent=agent), [] if agent in self._ports:
                self._ports.pop(agent).close()
            case Drain(), []:
                draining.set()
            case order, _:
                log.error("an order that does not fit kind=%s", order.kind)

    async def _report_always(self, orders: socket.socket) -> None:
        while True:
            await asyncio.sleep(REPORT_SECONDS)
            for port in self._ports.values():
                _report(orders, port.hosts)


def _report(orders: socket.socket, hosts: Hosts) -> None:
    """Send the rows of one agent, as far as they are taken; the others wait, and there are never many."""
    while (row := hosts.take()) is not None:
        try:
            orders.send(Reached(report=row).model_dump_json().encode())
        except BlockingIOError:
            hosts.give_back(row)
            return
        except OSError:
            return  # nobody counts any more


def serve(orders: socket.socket, tls: ssl.SSLContext) -> None:
    """Run until drained."""
    with orders, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Worker(tls).run(orders))
