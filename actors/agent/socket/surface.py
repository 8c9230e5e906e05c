"""Which verbs an agent's socket serves. Those of rooms that are not there are not in it: `unknown_command`."""

from harness.wire import names
from harness.wire.agent_api import AGENT_VERBS, MANAGER_VERBS, Verbs

SERVED = frozenset({
    "send", "recv", "ack_turn", "requeue_inflight", "status", "recent", "whoami", "set_status", "wake", "publish",
    "turn_ended", "control", "ask", "answer", "remind", "loose_ends", "cancel",
})  # fmt: skip

MANAGER_SERVED = SERVED | {
    "start", "kill", "restart", "update", "get_logs", "request_spawn", "request_spawn_draft", "request_spawn_commit",
    "request_apply_commit",
}  # fmt: skip


def surface(container: str) -> Verbs:
    """What the socket of this agent serves: `cmd` → (request, reply)."""
    if container == names.MANAGER_CONTAINER:
        return {cmd: entry for cmd, entry in MANAGER_VERBS.items() if cmd in MANAGER_SERVED}
    return {cmd: entry for cmd, entry in AGENT_VERBS.items() if cmd in SERVED}
