"""The mail about failed turns: to the manager of an agent that keeps failing, to the sender of a dead letter. Pure."""

from collections.abc import Iterator, Mapping

from actors.broker.failed.failure import Failure
from actors.broker.manager_events import to_agent, to_manager
from actors.broker.messages import Post
from harness.wire.boundary.causes import CauseKind, CauseName
from harness.wire.events import MessageSetAside, TurnFailed
from harness.wire.names import MANAGER, OPERATOR, REMINDER, SYSTEM

TELLS_NOBODY = frozenset({SYSTEM, REMINDER, OPERATOR})
"""Senders without an inbox, and the operator, who sees the dead letter itself."""


def failure_posts(name: str, failures: Mapping[int, Failure]) -> tuple[Post, ...]:
    """The mail about one failed turn of `name`. A manager that fails is shown to the operator, not told of itself."""
    return (*_to_manager(name, failures), *_to_senders(name, failures))


def _to_manager(name: str, failures: Mapping[int, Failure]) -> Iterator[Post]:
    told = {id_: one for id_, one in failures.items() if one.is_told}
    if told and name != MANAGER:
        last = max(told.values(), key=lambda one: one.attempts)
        event = TurnFailed(agent=name, message_ids=sorted(told), attempts=last.attempts, reason=last.reason)
        yield to_manager(event, cause=CauseName(CauseKind.MESSAGE, min(told)))


def _to_senders(name: str, failures: Mapping[int, Failure]) -> Iterator[Post]:
    for id_, one in failures.items():
        if one.set_aside_ms is None or one.sender in TELLS_NOBODY or ":" in one.sender:
            continue
        event = MessageSetAside(id=id_, agent=name, attempts=one.attempts, reason=one.reason)
        yield to_agent(one.sender, event, cause=CauseName(CauseKind.MESSAGE, id_))
