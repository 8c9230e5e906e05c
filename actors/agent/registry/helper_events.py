"""The events to the manager about the life of the agents, as mail for the transaction of the fact. Pure.

docs/events.md lists all events with the components that post them. No event is about the manager itself: its own stop
would wake it, and without a login it cannot read.
"""

from actors.broker.manager_events import to_manager
from actors.broker.messages import Post
from harness.wire import names
from harness.wire.events import Destroyed, HarnessState, HelperEvent, Killed, LoggedIn, NeedsLogin, Spawned

Posts = tuple[Post, ...]

LOGGED_IN = frozenset(
    {HarnessState.IDLE, HarnessState.THINKING, HarnessState.COMPACTING, HarnessState.RATE_LIMITED, HarnessState.PAUSED}
)
"""The states that a harness reaches only with a login. While it boots or is away nothing is known."""


def spawned(container: str, sha: str | None) -> Posts:
    """There is an agent. A container that did not start is a fact of its own, reported by the crash watch."""
    return _about(container, Spawned(agent=container, ok=True, sha=sha))


def killed(container: str) -> Posts:
    """The agent was stopped by an order, and stays down."""
    return _about(container, Killed(agent=container))


def destroyed(container: str) -> Posts:
    """The agent is no more."""
    return _about(container, Destroyed(agent=container))


def needs_login(activity: str | None) -> bool | None:
    """Whether a harness in this state lacks its login; None where that does not show."""
    if activity == HarnessState.NEEDS_LOGIN:
        return True
    return False if activity in LOGGED_IN else None


def login(container: str, *, before: bool | None, now: bool) -> Posts:
    """The event for a change of the login from `before` to `now`; None: not known yet."""
    if now is before or (before is None and not now):
        return ()
    return _about(container, NeedsLogin(agent=container) if now else LoggedIn(agent=container))


def _about(container: str, event: HelperEvent) -> Posts:
    return () if container == names.MANAGER_CONTAINER else (to_manager(event),)
