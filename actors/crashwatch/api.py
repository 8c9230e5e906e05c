"""How the agents' rooms make themselves known to the crash watch. Nothing here waits. Names are container names."""

from actors.crashwatch.messages import GaveUp, Parked, Up
from actors.supervision import Directory

CRASHWATCH = "crashwatch"


def watch(directory: Directory, agent: str) -> None:
    """The container actor of `agent` is about to start. A crash watch that starts later finds it by itself.

    The monitor is placed here and now: an end right after the start is seen too.
    """
    directory.monitor(f"agents/{agent}/container", CRASHWATCH)


def up(directory: Directory, agent: str) -> None:
    """Its container runs."""
    directory.tell(CRASHWATCH, Up(agent))


def parked(directory: Directory, agent: str, error: BaseException) -> None:
    """Its container ended in a way that a restart does not mend; `error` is the ContainerCrashed."""
    directory.tell(CRASHWATCH, Parked(agent, error))


def gave_up(directory: Directory, agent: str, reason: str) -> None:
    """Its supervisor gave up on it."""
    directory.tell(CRASHWATCH, GaveUp(agent, reason))
