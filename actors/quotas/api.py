"""What other components tell the quotas."""

from actors.quotas.messages import QUOTAS, TurnEnded
from actors.supervision import Directory
from harness.wire import names


def turn_ended(directory: Directory, agent: str) -> None:
    """A turn of this agent has ended: its folders are measured. Never waits."""
    directory.tell(QUOTAS, TurnEnded(names.container_name(agent)))
