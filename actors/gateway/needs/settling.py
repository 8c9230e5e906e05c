"""Which items a verb of the operator decides. Pure."""

from collections.abc import Callable

from harness.wire.model import Request
from harness.wire.names import container_name
from harness.wire.needs import Need, NeedKind

OF_AGENTS = frozenset({
    NeedKind.SUSPENDED, NeedKind.FAILED, NeedKind.STUCK, NeedKind.FAILING, NeedKind.DEGRADED, NeedKind.LIMITED,
})  # fmt: skip
LOGINS = frozenset({NeedKind.LOGIN, NeedKind.LOGIN_ENDS})

Settles = Callable[[Need], bool]

_ON_AGENTS = ("restart", "rebuild", "kill", "kick", "set_paused", "destroy")


def settles(request: Request) -> Settles | None:
    """Whether an item is decided when this request has been granted; None for a verb that decides none."""
    match request.cmd:
        case "approve" | "deny" | "withdraw":
            number = getattr(request, "id", None)
            return lambda need: need.approval is not None and need.approval.id == number
        case "answer_question" | "cancel_question":
            number = getattr(request, "id", None)
            return lambda need: need.question is not None and need.question.id == number
        case "retry_dead_letter" | "drop_dead_letter":
            number = getattr(request, "id", None)
            return lambda need: need.kind is NeedKind.DEAD_LETTER and need.mail_ids == (number,)
        case "start" | "stop":
            scope = getattr(request, "scope", None)
            return _of_agents(OF_AGENTS, *getattr(scope, "agent_names", ()))
        case "lift_suspension":
            return _of_agents(frozenset({NeedKind.SUSPENDED}), str(getattr(request, "name", "")))
        case "agent_control":
            action = getattr(request, "action", "")
            kinds = LOGINS if action.startswith("login_") else OF_AGENTS
            return None if action == "compact" else _of_agents(kinds, str(getattr(request, "name", "")))
        case cmd if cmd in _ON_AGENTS:
            return _of_agents(OF_AGENTS, str(getattr(request, "name", "")))
        case "mark_read":
            return lambda need: need.kind is NeedKind.MAIL and _is_read(request, need)
        case "drop_quarantined":
            place = (getattr(request, "table", None), getattr(request, "key", None))
            return lambda need: need.quarantined is not None and (need.quarantined.table, need.quarantined.key) == place
    return None


def _of_agents(kinds: frozenset[NeedKind], *agents: str) -> Settles:
    wanted = {container_name(name) for name in agents}
    return lambda need: need.kind in kinds and container_name(need.agent) in wanted


def _is_read(request: Request, need: Need) -> bool:
    """Whether the newest mail of the item is marked as read."""
    up_to, sender, ids = (getattr(request, name, None) for name in ("up_to", "sender", "ids"))
    newest = max(need.mail_ids, default=0)
    if up_to is not None:
        return newest <= up_to and sender in (None, need.agent)
    return newest in (ids or ())
