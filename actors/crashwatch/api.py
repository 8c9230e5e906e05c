"""How a container's actor makes itself known to the crash watch."""

from actors.crashwatch.messages import Watch
from actors.supervision import Directory

CRASHWATCH = "crashwatch"


def watch(directory: Directory, agent: str) -> None:
    """The container actor of `agent` is up. Never waits; a crash watch that starts later finds it by itself."""
    directory.tell(CRASHWATCH, Watch(agent))
