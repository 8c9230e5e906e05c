"""Who a name stands for over time: an agent until it is purged, and then the next one of that name.

A destroyed agent that comes back is the same one: its folders, its mail and its history are its own. After a purge the
name begins a new generation, which finds nothing of the one before. The end is on disk before a file is deleted, so a
daemon that is killed in between never gives the rest to the next owner.
"""

from actors.agent.workspace.paths import Workspace
from actors.broker import api as broker
from actors.proxy import api as proxy
from actors.questions import api as questions
from actors.scheduler import api as scheduler
from actors.supervision import Directory
from actors.telemetry import api as telemetry


def begin(directory: Directory, workspace: Workspace, name: str) -> None:
    """Before an agent is added: take up what a tombstone kept, or begin a new generation."""
    over = broker.is_over(directory, name)
    if not over and workspace.of(name).root.exists():
        return
    if over:
        workspace.purge_own(name)  # of a purge that was interrupted
    _abandon_now(directory, name)
    proxy.forget(directory, name)
    telemetry.begin_history(directory, name)
    broker.begin_generation(directory, name)


def abandon(directory: Directory, name: str) -> None:
    """An agent is destroyed: end its questions and reminders."""
    questions.abandon(directory, name)
    scheduler.abandon(directory, name)


def end(directory: Directory, name: str) -> None:
    """Before what is kept of an agent is deleted: the name is free, and what it did not get is never delivered."""
    _abandon_now(directory, name)
    broker.end_generation(directory, name)


def _abandon_now(directory: Directory, name: str) -> None:
    questions.abandon_now(directory, name)
    scheduler.abandon_now(directory, name)
