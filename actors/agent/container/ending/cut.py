"""A turn that was cut off by an order: the manager and the operator are told, with the reason."""

import logging

from actors.agent.container.state import AgentState
from actors.broker.api import BROKER
from actors.broker.manager_events import to_manager
from actors.broker.messages import PostAll
from actors.events import emit
from actors.supervision import Directory
from harness.wire import names
from harness.wire.events import TurnCut

log = logging.getLogger(__name__)

DONE = {
    AgentState.STOPPING: "stopped",
    AgentState.RESTARTING: "restarted",
    AgentState.REBUILDING: "rebuilt",
    AgentState.DESTROYING: "destroyed",
}


def reason(work: AgentState, waited_seconds: float) -> str:
    """Why the turn was cut off, in a sentence. Pure."""
    how = f"after its turn had {waited_seconds:g} s to end" if waited_seconds else "at once, in the middle of a turn"
    return f"it was {DONE[work]} {how}"


def tell(directory: Directory, container: str, work: AgentState, *, waited_seconds: float) -> None:
    """Tell of it; its messages are offered again. The manager is not told of its own turn. Never waits."""
    why, agent = reason(work, waited_seconds), names.broker_name(container)
    log.warning("turn cut agent=%s reason=%s", container, why)
    text = f"{agent}: {why}; its messages are offered again"
    emit(directory, "notice", {"level": "warning", "text": text, "agent": agent})
    if container != names.MANAGER_CONTAINER:
        directory.tell(BROKER, PostAll((to_manager(TurnCut(agent=agent, reason=why)),)))
