"""The approvals' part of the tree: the queue, and a dynamic supervisor of the deployers.

    approvals            one_for_all
    ├── deployers        supervisor, dynamic: one temporary deployer per approval that is under way
    └── queue            permanent

The queue is last: when it starts, the supervisor is there for the deployers of what was cut off. When one of the two
ends, so does the other: a deployer without the queue has nobody to report to.
"""

from actors.approvals.actor import QueueActor
from actors.approvals.containers import Containers, LiveContainers
from actors.approvals.context import ApprovalContext
from actors.supervision import ChildSpec, ChildType, Clock, Directory, Shutdown, Strategy, Supervisor, SupervisorFlags

DEPLOYERS_FLAGS = SupervisorFlags(Strategy.ONE_FOR_ONE)
FLAGS = SupervisorFlags(Strategy.ONE_FOR_ALL, intensity=5, period=60.0)


def approvals_supervisor(
    context: ApprovalContext, directory: Directory, clock: Clock, containers: Containers | None = None
) -> Supervisor:
    """The supervisor of the component, unstarted; its name is `approvals`."""
    used = containers if containers is not None else LiveContainers(directory)
    children = [
        ChildSpec(
            "deployers",
            lambda: Supervisor(DEPLOYERS_FLAGS, directory=directory, clock=clock),
            shutdown=Shutdown.INFINITY,
            type=ChildType.SUPERVISOR,
        ),
        ChildSpec("queue", lambda: QueueActor(context=context, containers=used, directory=directory, clock=clock)),
    ]
    return Supervisor(FLAGS, children, directory=directory, clock=clock)


def approvals_spec(context: ApprovalContext, directory: Directory, clock: Clock) -> ChildSpec:
    """The component as a child of the root. Its first start removes what a killed daemon left in the repositories."""
    left_behind = [context.repositories.tidy]

    def start() -> Supervisor:
        # Only once: later starts may meet the git of a request that is under way, whose lock is no leftover.
        while left_behind:
            left_behind.pop()()
        return approvals_supervisor(context, directory, clock)

    return ChildSpec("approvals", start, shutdown=Shutdown.INFINITY, type=ChildType.SUPERVISOR)
