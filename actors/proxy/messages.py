"""What the actor of the proxy sockets takes. Replies are named in each docstring."""

from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

from actors.supervision import SystemMessage
from harness.wire.network import Network
from harness.wire.proxy import HostReport, Upstream

PROXY = "proxy"
SOCKETS = "proxy/sockets"


@dataclass(frozen=True, slots=True)
class OpenSocket:
    """Have the agent's socket served with these settings; what was said before is replaced. → None.

    `owner` is the only user, beside the daemon's, who may connect.
    """

    agent: str
    path: Path
    owner: int
    network: Network
    upstream: Upstream


@dataclass(frozen=True, slots=True)
class SetUpstream:
    """The way to the model has changed, for every agent."""

    upstream: Upstream


@dataclass(frozen=True, slots=True)
class CloseSocket:
    """The agent's container has ended: nobody is at the other end of its socket."""

    agent: str


@dataclass(frozen=True, slots=True)
class ProcessStarted(SystemMessage):
    """A proxy holds these listening sockets; it reads `orders`, or serves no longer (None).

    The receiver of this message owns all of the sockets.
    """

    orders: socket | None
    held: dict[str, socket] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HostReported:
    """The proxy process has counted connections of an agent to a host."""

    report: HostReport


@dataclass(frozen=True, slots=True)
class ForgetHosts:
    """The name has a new owner, whose record is empty."""

    agent: str


@dataclass(frozen=True, slots=True)
class GetHosts:
    """→ list[HostReport]: the hosts this agent tried to reach since the daemon started, the latest first."""

    agent: str
