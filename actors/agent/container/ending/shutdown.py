"""The end of a container with the orderly end of its actor: grace for the turn, SIGTERM, the deadline, SIGKILL.

Runs in the container actor's `on_stop`, when its mailbox is no longer read: everything is waited for here. Its
supervisor's deadline for the actor is longer than all of it together (`seconds`).
"""

from actors.agent.container.ending import cut
from actors.agent.container.harness_status import HarnessStatus
from actors.agent.container.state import AgentState
from actors.agent.context import AgentContext
from actors.agent.runtime import Container
from actors.broker import api as broker
from actors.proxy import api as proxy
from actors.service import api as service
from actors.service.messages import StopPolicy
from actors.supervision import Clock, Directory, Promise
from harness.wire.events import HarnessState
from harness.wire.times import to_ms

BUSY = frozenset({HarnessState.THINKING, HarnessState.COMPACTING})
MARGIN_SECONDS = 5.0
"""What a kill and the bookkeeping around it may take."""


def seconds(context: AgentContext) -> float:
    """How long `shut_down` takes at most."""
    return context.grace_seconds + context.stop_seconds + MARGIN_SECONDS


def shut_down(
    container: Container,
    policy: StopPolicy,
    status: HarnessStatus,
    *,
    context: AgentContext,
    directory: Directory,
    clock: Clock,
) -> None:
    """Leave this container to the next daemon, or end it; the service is told what runs on and what was cut.

    A turn may go on until it is settled with the broker, for as long as the policy says.
    """
    agent = container.name
    in_turn = broker.holds_leases(directory, agent)
    activity = activity_text(status, clock.now_ms(), in_turn=in_turn)
    if not policy.ends:
        service.kept(directory, agent, activity)
        return
    if context.runtime.find(context.workspace.of(agent)) == container:
        grace_seconds = policy.grace_seconds if in_turn else 0.0
        finished, obeyed = _end(container, grace_seconds, context=context, directory=directory, clock=clock)
        if not obeyed or (in_turn and not finished and not policy.rebuild):
            service.abandoned(directory, agent, activity if obeyed else f"{activity}, killed")
        if policy.rebuild and in_turn and not finished:
            cut.tell(directory, agent, AgentState.REBUILDING, waited_seconds=policy.waited_seconds)
    proxy.close_socket(directory, agent)
    broker.requeue_later(directory, agent)


def _end(
    container: Container, grace_seconds: float, *, context: AgentContext, directory: Directory, clock: Clock
) -> tuple[bool, bool]:
    """End the container; whether its turn was finished, and whether it ended when it was told to."""
    ended: Promise[None] = Promise()
    watch = context.runtime.watch(container, lambda: ended.set(None))
    idle: Promise[None] = Promise()
    try:
        if grace_seconds > 0:
            idle = broker.turn_settled(directory, container.name)
            _wait(clock, grace_seconds, ended, idle)
        finished = ended.done or (idle.done and idle.error is None)
        if not ended.done:
            context.runtime.stop(container)
            _wait(clock, context.stop_seconds, ended)
        obeyed = ended.done
        if not obeyed:
            context.runtime.kill(container)
    finally:
        watch.cancel()
    return finished, obeyed


def activity_text(status: HarnessStatus, now_ms: int, *, in_turn: bool) -> str:
    """The agent's activity in words: `in a turn, 31 s`. Pure."""
    if not in_turn and status.activity not in BUSY:
        return status.activity or "idle"
    if status.since is None:
        return "in a turn"
    return f"in a turn, {max(0, now_ms - to_ms(status.since)) // 1000} s"


def _wait(clock: Clock, most_seconds: float, *promises: Promise[None]) -> None:
    """Wait until one of the promises is resolved, or the time is over by this clock."""
    first: Promise[None] = Promise()
    timer = clock.call_later(most_seconds, lambda: first.set(None))
    for promise in promises:
        promise.then(lambda _done: first.set(None))
    try:
        first.get()
    finally:
        timer.cancel()
