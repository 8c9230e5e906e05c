"""The peers' part of the tree: their sockets, and the registry of their names.

    peers                one_for_all
    ├── sockets          supervisor, dynamic: one listener per peer
    └── registry         permanent

The registry is last: when it starts, the supervisor of the sockets is there. When one of the two ends, so does the
other, and the registry serves every socket anew.
"""

from actors.peers.actor import PeerRegistryActor
from actors.peers.context import PeersContext
from actors.supervision import (
    Backoff,
    ChildSpec,
    ChildType,
    Clock,
    Directory,
    Shutdown,
    Strategy,
    Supervisor,
    SupervisorFlags,
)

FLAGS = SupervisorFlags(Strategy.ONE_FOR_ALL, intensity=5, period=60.0, backoff=Backoff())
SOCKETS_FLAGS = SupervisorFlags(Strategy.ONE_FOR_ONE, intensity=10, period=60.0, backoff=Backoff())


def peers_supervisor(context: PeersContext, directory: Directory, clock: Clock) -> Supervisor:
    """The supervisor of the component, unstarted; its name is `peers`."""
    children = [
        ChildSpec(
            "sockets",
            lambda: Supervisor(SOCKETS_FLAGS, directory=directory, clock=clock),
            shutdown=Shutdown.INFINITY,
            type=ChildType.SUPERVISOR,
        ),
        ChildSpec("registry", lambda: PeerRegistryActor(context=context, directory=directory, clock=clock)),
    ]
    return Supervisor(FLAGS, children, directory=directory, clock=clock)


def peers_spec(context: PeersContext, directory: Directory, clock: Clock) -> ChildSpec:
    """The component as a child of the root."""
    return ChildSpec(
        "peers",
        lambda: peers_supervisor(context, directory, clock),
        shutdown=Shutdown.INFINITY,
        type=ChildType.SUPERVISOR,
    )
