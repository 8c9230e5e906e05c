"""The supervisor of the agents as the roster uses it: who is in its table, taking one up and taking one down."""

import logging

from actors.agent.messages import AGENTS
from actors.supervision import (
    ChildRefused,
    ChildSpec,
    Directory,
    StartFailed,
    delete_child,
    restart_child,
    start_child,
    terminate_child,
    which_children,
)

log = logging.getLogger(__name__)


def is_present(directory: Directory, name: str) -> bool:
    """Whether it is in the supervisor's table, up or down."""
    return any(child.id == name for child in which_children(directory, AGENTS))


def bring_up(directory: Directory, spec: ChildSpec) -> None:
    """Fresh actors for this agent; raises what starting them raised."""
    if not is_present(directory, spec.id):
        start_child(directory, AGENTS, spec)
        return
    # One that waits for its next try counts as running: it is taken down first, which also forgives its crashes.
    terminate_child(directory, AGENTS, spec.id)
    restart_child(directory, AGENTS, spec.id)


def take_down(directory: Directory, name: str) -> None:
    """End its actors and forget them; nothing when there are none."""
    try:
        terminate_child(directory, AGENTS, name)
        delete_child(directory, AGENTS, name)
    except ChildRefused as refusal:
        log.debug("already gone agent=%s reason=%s", name, refusal.reason)


def cause(error: BaseException) -> BaseException:
    """The first cause below a start that failed over supervisors that failed."""
    while isinstance(error, StartFailed) and error.exit.error is not None:
        error = error.exit.error
    return error
