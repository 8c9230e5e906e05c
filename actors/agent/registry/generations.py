"""Who a name stands for over time: an agent until it is purged, and then the next one of that name.

A destroyed agent that comes back is the same one: its folders, its mail and its history are its own. After a purge the
name begins a new generation, which finds nothing of the one before. A purge begins in one step, in which the folder
stops being the agent's; one that was interrupted is ended by the next registry, before it takes any order.
"""

import logging
from collections.abc import Collection

from actors.admission import api as admission
from actors.admission.clients import Clients
from actors.agent.workspace.paths import Workspace
from actors.broker import api as broker
from actors.in_thread import in_thread
from actors.proxy import api as proxy
from actors.questions import api as questions
from actors.scheduler import api as scheduler
from actors.supervision import Directory, SupervisionError
from actors.telemetry import api as telemetry
from harness.wire.errors import HiveError

log = logging.getLogger(__name__)


def begin(directory: Directory, workspace: Workspace, clients: Clients, name: str) -> None:
    """Before an agent is added: take up what a tombstone kept, or begin a new generation.

    The folder of a new agent may be there already, with the notes that were approved for it.
    """
    interrupted = name in workspace.set_aside_names()
    if workspace.of(name).root.exists() and not interrupted and not broker.is_over(directory, name):
        return
    _abandon_now(directory, name)
    proxy.forget(directory, name)
    telemetry.begin_history(directory, name)
    broker.begin_generation(directory, name)
    admission.forget(directory, clients, name)
    workspace.clear_aside(name)


def abandon(directory: Directory, name: str) -> None:
    """An agent is destroyed: end its questions and reminders."""
    questions.abandon(directory, name)
    scheduler.abandon(directory, name)


def purge(directory: Directory, workspace: Workspace, clients: Clients, name: str) -> None:
    """End the agent of that name for good, then delete what is kept of it."""
    in_thread(workspace.set_aside, name)
    _end(directory, workspace, clients, name)


def resume(directory: Directory, workspace: Workspace, clients: Clients, existing: Collection[str]) -> None:
    """End the purges that a killed daemon has begun. What cannot be ended now ends when the name is taken."""
    for name in workspace.set_aside_names():
        if name in existing:
            continue
        try:
            _end(directory, workspace, clients, name)
        except (HiveError, SupervisionError, OSError) as error:
            log.warning("purge not ended agent=%s error=%s", name, error)
        else:
            log.info("purged, as was begun before agent=%s", name)


def _end(directory: Directory, workspace: Workspace, clients: Clients, name: str) -> None:
    _abandon_now(directory, name)
    broker.end_generation(directory, name)
    admission.forget(directory, clients, name)
    in_thread(workspace.purge, name)


def _abandon_now(directory: Directory, name: str) -> None:
    questions.abandon_now(directory, name)
    scheduler.abandon_now(directory, name)
