"""The children of the supervisor `agents`, as the registry uses them: their states, taking one up, taking one down."""

import logging
from collections.abc import Sequence
from typing import Any

from actors.agent.addresses import AGENTS
from actors.supervision import (
    ChildRefused,
    ChildSpec,
    ChildState,
    Directory,
    Promise,
    RestartAll,
    StartFailed,
    add_children,
    delete_child,
    launch_child,
    terminate_child,
    which_children,
)

log = logging.getLogger(__name__)


def states(directory: Directory) -> dict[str, ChildState]:
    """The state of every child, up or down."""
    return {child.id: child.state for child in which_children(directory, AGENTS)}


def roll_out(directory: Directory, specs: Sequence[ChildSpec]) -> Promise[None]:
    """Stop these, if they run, and start them, the manager first. Kept when the manager is up or has failed."""
    known = states(directory)
    add_children(directory, AGENTS, [spec for spec in specs if spec.id not in known])
    begun: Promise[None] = directory.ask_later(AGENTS, RestartAll(frozenset(spec.id for spec in specs)))
    begun.then(_log_refusal)
    return begun


def _log_refusal(begun: Promise[Any]) -> None:
    if begun.error is not None:
        log.error("rollout refused error=%s", begun.error)


def bring_up(directory: Directory, spec: ChildSpec) -> Promise[str]:
    """Start fresh actors for this agent, beside the starts of others; fails with what starting them raised.

    Its crashes are forgiven: a child that waits for its next try is taken down first.
    """
    return launch_child(directory, AGENTS, spec)


def take_down(directory: Directory, name: str) -> None:
    """End the agent's actors and forget them; does nothing when there are none."""
    try:
        terminate_child(directory, AGENTS, name)
        delete_child(directory, AGENTS, name)
    except ChildRefused as refusal:
        log.debug("already gone agent=%s reason=%s", name, refusal.reason)


def first_cause(error: BaseException) -> BaseException:
    """The first cause below a start that failed because supervisors failed."""
    while isinstance(error, StartFailed) and error.exit.error is not None:
        error = error.exit.error
    return error
