"""How other components use the proxy. Without one, which is so where containers cannot be isolated, nothing is done."""

from pathlib import Path

from actors.proxy.messages import SOCKETS, CloseSocket, ForgetHosts, GetHosts, OpenSocket, SetUpstream
from actors.supervision import Directory, SupervisionError
from harness.wire.names import container_name
from harness.wire.network import Network
from harness.wire.proxy import HostReport, Upstream

ASK_SECONDS = 10.0


def open_socket(
    directory: Directory, agent: str, *, path: Path, owner: int, network: Network, upstream: Upstream
) -> None:
    """Serve this agent. Returns when its socket takes connections, whether the proxy process runs or not."""
    directory.ask(SOCKETS, OpenSocket(agent, path, owner, network, upstream), timeout=ASK_SECONDS)


def set_upstream(directory: Directory, upstream: Upstream) -> None:
    """Take this way to the model for every agent, on open connections too. Does not wait."""
    directory.tell(SOCKETS, SetUpstream(upstream))


def close_socket(directory: Directory, agent: str) -> None:
    """Serve this agent no longer. Does not wait."""
    directory.tell(SOCKETS, CloseSocket(agent))


def forget(directory: Directory, agent: str) -> None:
    """The name has a new owner: what the one before talked to is not the new one's. Does not wait."""
    directory.tell(SOCKETS, ForgetHosts(container_name(agent)))


def hosts(directory: Directory, agent: str) -> list[HostReport]:
    """The hosts this agent tried to reach, the latest first; none where there is no proxy."""
    try:
        found: list[HostReport] = directory.ask(SOCKETS, GetHosts(container_name(agent)), timeout=ASK_SECONDS)
    except SupervisionError:
        return []
    return found
