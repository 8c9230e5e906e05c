"""The peers' part of the tree: their sockets, and the actor that knows who they are.

    peers                one_for_all
    ├── sockets          supervisor, dynamic: one listener per peer
    └── registry         permanent

The registry is last: when it starts, it finds somewhere to put the sockets. When one of the two ends, so does the
other, and the registry serves every socket anew.
"""

from actors.agent.workspace.paths import Workspace
from actors.peers.actor import RegistryActor
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

ROOM_FLAGS = SupervisorFlags(Strategy.ONE_FOR_ALL, intensity=5, period=60.0, backoff=Backoff())
SOCKETS_FLAGS = SupervisorFlags(Strategy.ONE_FOR_ONE, intensity=10, period=60.0, backoff=Backoff())


def peers_room(workspace: Workspace, directory: Directory, clock: Clock) -> Supervisor:
    """The room, unstarted. It stands below the name `peers`."""
    floor = [
        ChildSpec(
            "sockets",
            lambda: Supervisor(SOCKETS_FLAGS, directory=directory, clock=clock),
            shutdown=Shutdown.INFINITY,
            type=ChildType.SUPERVISOR,
        ),
        ChildSpec("registry", lambda: RegistryActor(workspace=workspace, directory=directory, clock=clock)),
    ]
    return Supervisor(ROOM_FLAGS, floor, directory=directory, clock=clock)


def peers_spec(workspace: Workspace, directory: Directory, clock: Clock) -> ChildSpec:
    """The room as a child of the root."""
    return ChildSpec(
        "peers",
        lambda: peers_room(workspace, directory, clock),
        shutdown=Shutdown.INFINITY,
        type=ChildType.SUPERVISOR,
    )
