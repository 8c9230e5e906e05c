"""Who hears that an agent is no more, or that nothing is kept of it any more."""

from actors.approvals import api as approvals
from actors.events import emit
from actors.questions import api as questions
from actors.scheduler import api as scheduler
from actors.supervision import Directory


def tell_rooms(directory: Directory, container: str) -> None:
    """Its open questions, those put to it and its proposals are cancelled, its reminders are dropped. Never waits."""
    approvals.agents_changed(directory)
    questions.abandon(directory, container)
    scheduler.abandon(directory, container)


def tell_purged(directory: Directory) -> None:
    """What was still proposed of it is cancelled. Never waits."""
    approvals.agents_changed(directory)
    emit(directory, "tombstones", {})
