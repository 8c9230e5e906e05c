"""Which rooms hear that an agent is no more. The approvals see it by themselves, from the list of agents."""

from actors.questions import api as questions
from actors.scheduler import api as scheduler
from actors.supervision import Directory


def tell_rooms(directory: Directory, container: str) -> None:
    """Its open questions and those put to it are cancelled, its reminders are dropped. Never waits."""
    questions.abandon(directory, container)
    scheduler.abandon(directory, container)
