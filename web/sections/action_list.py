"""The action list as the daemon ranks it; rows of one kind may be unreadable by themselves."""

from dataclasses import dataclass, field

from harness.wire.errors import HiveError
from harness.wire.needs import Need
from web.app import WebApp


@dataclass(slots=True)
class ActionList:
    """The ranked items; `failed` names the rows that are missing in it, with the reason."""

    items: list[Need] = field(default_factory=list)
    failed: list[tuple[str, HiveError]] = field(default_factory=list)
    stale: int | None = None
    omitted: int = 0
    """Items that the daemon left out of its reply."""


def read_action_list(app: WebApp) -> ActionList:
    """Everything that needs the operator. Raises when the daemon does not answer."""
    cached = app.rows.needs()
    reply = cached.value
    failed = [(one.name, HiveError(one.code, one.error, one.hint)) for one in reply.failed]
    return ActionList(list(reply.needs), failed, cached.stale_as_of_ms, reply.omitted)
