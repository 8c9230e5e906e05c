"""The terminals' part of the tree.

    terminals            one_for_all
    ├── open             supervisor, dynamic: one temporary child per open terminal
    └── registry         permanent

The registry is last: when it starts, the supervisor is there for the terminals that it opens.
"""

from actors.agent.context import AgentContext
from actors.supervision import ChildSpec, ChildType, Clock, Directory, Shutdown, Strategy, Supervisor, SupervisorFlags
from actors.terminals.registry import TerminalRegistryActor

OPEN_FLAGS = SupervisorFlags(Strategy.ONE_FOR_ONE)
FLAGS = SupervisorFlags(Strategy.ONE_FOR_ALL, intensity=5, period=60.0)


def terminals_spec(context: AgentContext, *, enabled: bool, days: int, directory: Directory, clock: Clock) -> ChildSpec:
    """The component as a child of the root."""

    def registry() -> TerminalRegistryActor:
        return TerminalRegistryActor(context=context, enabled=enabled, days=days, directory=directory, clock=clock)

    def start() -> Supervisor:
        children = [
            ChildSpec(
                "open",
                lambda: Supervisor(OPEN_FLAGS, directory=directory, clock=clock),
                shutdown=Shutdown.INFINITY,
                type=ChildType.SUPERVISOR,
            ),
            ChildSpec("registry", registry),
        ]
        return Supervisor(FLAGS, children, directory=directory, clock=clock)

    return ChildSpec("terminals", start, shutdown=Shutdown.INFINITY, type=ChildType.SUPERVISOR)
