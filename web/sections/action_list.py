"""The action list as the daemon ranks it; rows of one kind may be unreadable by themselves."""

from dataclasses import dataclass, field

from harness.wire.errors import HiveError
from harness.wire.needs import Need
from web.app import WebApp
from web.http.request import HttpRequest


@dataclass(slots=True)
class ActionList:
    """The ranked items; `failed` names the rows that are missing in it, with the reason."""

    items: list[Need] = field(default_factory=list)
    snoozed: list[Need] = field(default_factory=list)
    """Those that the operator has put off."""
    failed: list[tuple[str, HiveError]] = field(default_factory=list)
    stale: int | None = None
    omitted: int = 0
    """Items that the daemon left out of its reply."""

    def chosen(self, request: HttpRequest) -> Need | None:
        """The item that the query names, among them one that is put off; without a name, the first.

        None where nothing needs the operator, or where the item that is named is settled.
        """
        key = request.query.get("need")
        if not key:
            return self.items[0] if self.items else None
        return next((item for item in [*self.items, *self.snoozed] if item.key == key), None)


def read_action_list(app: WebApp) -> ActionList:
    """Everything that needs the operator. Raises when the daemon does not answer."""
    cached = app.rows.needs()
    reply = cached.value
    failed = [(one.name, HiveError(one.code, one.error, one.hint)) for one in reply.failed]
    return ActionList(list(reply.needs), list(reply.snoozed), failed, cached.stale_as_of_ms, reply.omitted)
