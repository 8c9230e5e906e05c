"""What the manager is told about the life of the agents, as mail for the transaction of the fact. Pure.

docs/events.md lists all events with who posts them. About itself the manager is told nothing: it would be woken by its
own stop, and it can not read that it lacks a login.
"""

from actors.broker.manager_events import to_manager
from actors.broker.messages import Post
from harness.wire import names
from harness.wire.events import Destroyed, HarnessState, HelperEvent, Killed, LoggedIn, NeedsLogin, Spawned

Posts = tuple[Post, ...]

LOGGED_IN = frozenset(
    {HarnessState.IDLE, HarnessState.THINKING, HarnessState.COMPACTING, HarnessState.RATE_LIMITED, HarnessState.PAUSED}
)
"""Nobody gets this far without a login. Of one that boots or is away nothing is known."""


def spawned(container: str, sha: str | None) -> Posts:
    """There is an agent. That its container did not start is a fact of its own, which the crash watch tells."""
    return _about(container, Spawned(agent=container, ok=True, sha=sha))


def killed(container: str) -> Posts:
    """Somebody stopped it, and it stays down."""
    return _about(container, Killed(agent=container))


def destroyed(container: str) -> Posts:
    """It is no more."""
    return _about(container, Destroyed(agent=container))


def needs_login(activity: str | None) -> bool | None:
    """Whether a harness in this state lacks its login; None where that does not show."""
    if activity == HarnessState.NEEDS_LOGIN:
        return True
    return False if activity in LOGGED_IN else None


def login(container: str, *, before: bool | None, now: bool) -> Posts:
    """What is to be told when this is known now, and that was known before; None: it was never seen."""
    if now is before or (before is None and not now):
        return ()
    return _about(container, NeedsLogin(agent=container) if now else LoggedIn(agent=container))


def _about(container: str, event: HelperEvent) -> Posts:
    return () if container == names.MANAGER_CONTAINER else (to_manager(event),)
