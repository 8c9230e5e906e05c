"""The end of a container as part of its actor's orderly end: grace for the turn, SIGTERM, the deadline, SIGKILL.

Runs in the container actor's `on_stop`, when its mailbox is no longer read: everything is waited for here. Its
supervisor's deadline for the actor is longer than all of it together (`seconds`).
"""

from actors.agent.hearing import Heard
from actors.agent.host import AgentHost
from actors.agent.runtime import Container
from actors.broker import api as broker
from actors.broker.messages import Status
from actors.service import api as service
from actors.service.messages import Farewell
from actors.supervision import Clock, Directory, Promise, SupervisionError
from harness.wire.agent_api import StatusReply
from harness.wire.errors import HiveError
from harness.wire.events import HarnessState
from harness.wire.names import broker_name
from harness.wire.times import to_ms

BUSY = frozenset({HarnessState.THINKING, HarnessState.COMPACTING})
LOOK_SECONDS = 2.0
MARGIN_SECONDS = 5.0
"""What a kill and the bookkeeping around it may take."""


def seconds(host: AgentHost) -> float:
    """How long `part` takes at most."""
    return host.grace_seconds + host.stop_seconds + MARGIN_SECONDS


def part(
    container: Container, farewell: Farewell, heard: Heard, *, host: AgentHost, directory: Directory, clock: Clock
) -> None:
    """Leave this container to the next host, or end it; what runs on and what was cut is told to the service.

    A turn may go on until its harness asks for mail again, for as long as the farewell says.
    """
    agent = container.name
    in_turn = is_in_turn(directory, agent)
    activity = doing(heard, clock.now_ms(), in_turn=in_turn)
    if not farewell.ends:
        service.kept(directory, agent, activity)
        return
    if host.runtime.find(host.workspace.of(agent)) == container:
        grace_seconds = farewell.grace_seconds if in_turn else 0.0
        finished, obeyed = _end(container, grace_seconds, host=host, directory=directory, clock=clock)
        if not obeyed or (in_turn and not finished and not farewell.rebuild):
            service.abandoned(directory, agent, activity if obeyed else f"{activity}, killed")
    broker.requeue_later(directory, agent)


def _end(
    container: Container, grace_seconds: float, *, host: AgentHost, directory: Directory, clock: Clock
) -> tuple[bool, bool]:
    """Whether its turn was finished, and whether it ended when it was told to."""
    ended: Promise[None] = Promise()
    watch = host.runtime.watch(container, lambda: ended.set(None))
    idle: Promise[None] = Promise()
    try:
        if grace_seconds > 0:
            idle = broker.asked_for_mail(directory, container.name, clock.now_ms() + 1)
            _wait(clock, grace_seconds, ended, idle)
        finished = ended.done or (idle.done and idle.error is None)
        if not ended.done:
            host.runtime.stop(container)
            _wait(clock, host.stop_seconds, ended)
        obeyed = ended.done
        if not obeyed:
            host.runtime.kill(container)
    finally:
        watch.cancel()
    return finished, obeyed


def is_in_turn(directory: Directory, agent: str) -> bool:
    """Whether it has taken messages and not said that it is done with them."""
    try:
        status: StatusReply = directory.ask(broker.BROKER, Status(broker_name(agent)), timeout=LOOK_SECONDS)
    except (HiveError, SupervisionError):
        return False
    return status.leased > 0


def doing(heard: Heard, now_ms: int, *, in_turn: bool) -> str:
    """What it does, in words: `in a turn, 31 s`. Pure."""
    if not in_turn and heard.activity not in BUSY:
        return heard.activity or "idle"
    if heard.since is None:
        return "in a turn"
    return f"in a turn, {max(0, now_ms - to_ms(heard.since)) // 1000} s"


def _wait(clock: Clock, most_seconds: float, *promises: Promise[None]) -> None:
    """Until one of them is resolved, or the time is over by this clock."""
    first: Promise[None] = Promise()
    timer = clock.call_later(most_seconds, lambda: first.set(None))
    for promise in promises:
        promise.then(lambda _done: first.set(None))
    try:
        first.get()
    finally:
        timer.cancel()
