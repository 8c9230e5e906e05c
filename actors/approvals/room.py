"""The approvals' part of the tree: the queue, and a dynamic supervisor of the ones who carry out.

    approvals            one_for_all
    ├── hands            supervisor, dynamic: one temporary carrier per approval that is under way
    └── queue            permanent

The queue is last: when it starts, it finds somewhere to put the carriers of what was cut off. When one of the two
ends, so does the other: carriers that nobody listens to would be of no use.
"""

from actors.approvals.actor import QueueActor
from actors.approvals.containers import Containers, LiveContainers
from actors.approvals.host import ApprovalHost
from actors.supervision import ChildSpec, ChildType, Clock, Directory, Shutdown, Strategy, Supervisor, SupervisorFlags

HANDS_FLAGS = SupervisorFlags(Strategy.ONE_FOR_ONE)
ROOM_FLAGS = SupervisorFlags(Strategy.ONE_FOR_ALL, intensity=5, period=60.0)


def approvals_room(
    host: ApprovalHost, directory: Directory, clock: Clock, containers: Containers | None = None
) -> Supervisor:
    """The room, unstarted. It stands below the name `approvals`."""
    hands = containers if containers is not None else LiveContainers(directory)
    floor = [
        ChildSpec(
            "hands",
            lambda: Supervisor(HANDS_FLAGS, directory=directory, clock=clock),
            shutdown=Shutdown.INFINITY,
            type=ChildType.SUPERVISOR,
        ),
        ChildSpec("queue", lambda: QueueActor(host=host, containers=hands, directory=directory, clock=clock)),
    ]
    return Supervisor(ROOM_FLAGS, floor, directory=directory, clock=clock)


def approvals_spec(host: ApprovalHost, directory: Directory, clock: Clock) -> ChildSpec:
    """The room as a child of the root. Its first start removes what a killed host left in the repositories."""
    left_behind = [host.repositories.tidy]

    def start() -> Supervisor:
        # Once: later starts may find a git of a request that is under way, and its lock is no leftover.
        while left_behind:
            left_behind.pop()()
        return approvals_room(host, directory, clock)

    return ChildSpec("approvals", start, shutdown=Shutdown.INFINITY, type=ChildType.SUPERVISOR)
