"""One function for each request to a supervisor, which is named. All raise `NotRunning` and `AskTimeout`.

A start and a stop take as long as the child takes: the default timeout is longer than any default
shutdown timeout. After a timeout the supervisor still carries the request out.
"""

from collections.abc import Iterable
from typing import cast

from actors.supervision.directory import Directory
from actors.supervision.promise import Promise
from actors.supervision.supervisor.requests import (
    AddChildren,
    ChildCount,
    ChildRow,
    CountChildren,
    DeleteChild,
    LaunchChild,
    LeaderReady,
    RestartAll,
    RestartChild,
    StartChild,
    TerminateChild,
    WhichChildren,
)
from actors.supervision.supervisor.spec import ChildSpec

CHANGE_SECONDS = 60.0
READ_SECONDS = 5.0


def start_child(directory: Directory, supervisor: str, spec: ChildSpec, *, timeout: float = CHANGE_SECONDS) -> str:
    """Add a child and start it; its name. Raises `StartFailed` (nothing is kept), `ChildRefused`, `InvalidSpec`."""
    return cast("str", directory.ask(supervisor, StartChild(spec), timeout))


def terminate_child(directory: Directory, supervisor: str, child_id: str, *, timeout: float = CHANGE_SECONDS) -> None:
    """Stop a child and keep its specification (not a temporary one's). Raises `ChildRefused` (not_found)."""
    directory.ask(supervisor, TerminateChild(child_id), timeout)


def restart_child(directory: Directory, supervisor: str, child_id: str, *, timeout: float = CHANGE_SECONDS) -> str:
    """Start a child that is down; its name. Raises `ChildRefused` (running, restarting, not_found), `StartFailed`."""
    return cast("str", directory.ask(supervisor, RestartChild(child_id), timeout))


def launch_child(directory: Directory, supervisor: str, spec: ChildSpec) -> Promise[str]:
    """Start a fresh incarnation of a child, known or not, beside the starts of others; does not wait.

    The promise fails with `StartFailed`, `InvalidSpec` or `NotRunning`.
    """
    return directory.ask_later(supervisor, LaunchChild(spec))


def delete_child(directory: Directory, supervisor: str, child_id: str, *, timeout: float = CHANGE_SECONDS) -> None:
    """Forget a child that is down. Raises `ChildRefused` (running, restarting, not_found)."""
    directory.ask(supervisor, DeleteChild(child_id), timeout)


def add_children(
    directory: Directory, supervisor: str, specs: Iterable[ChildSpec], *, timeout: float = CHANGE_SECONDS
) -> None:
    """Keep specifications and start none; `restart_all` does. Raises `ChildRefused`, `InvalidSpec`."""
    directory.ask(supervisor, AddChildren(tuple(specs)), timeout)


def restart_all(
    directory: Directory,
    supervisor: str,
    child_ids: Iterable[str] | None = None,
    *,
    timeout: float = CHANGE_SECONDS,
) -> None:
    """Stop these children (None: all), start the leader, and the others when it is ready.

    Returns when the leader is up. A leader that is not among them stays as it is, and the children start at once.
    """
    directory.ask(supervisor, RestartAll(None if child_ids is None else frozenset(child_ids)), timeout)


def leader_ready(directory: Directory, supervisor: str, child_id: str) -> bool:
    """The leader takes messages. Nothing happens when no rollout waits for it; False when the supervisor is away."""
    return directory.tell(supervisor, LeaderReady(child_id))


def which_children(directory: Directory, supervisor: str, *, timeout: float = READ_SECONDS) -> list[ChildRow]:
    """The children, in the order of start."""
    return cast("list[ChildRow]", directory.ask(supervisor, WhichChildren(), timeout))


def count_children(directory: Directory, supervisor: str, *, timeout: float = READ_SECONDS) -> ChildCount:
    """How many specifications, running children, supervisors and workers."""
    return cast("ChildCount", directory.ask(supervisor, CountChildren(), timeout))
