"""The action list, from several kinds of rows of which each may be unreadable by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from harness.wire.errors import ErrorCode, HiveError
from web.app import WebApp
from web.daemon.cache import Cached
from web.http.request import HttpRequest
from web.presentation.action_items import ActionItem, action_items

T = TypeVar("T")


@dataclass(slots=True)
class ActionList:
    """The ranked items; `failed` names the rows that are missing in it, with the reason."""

    items: list[ActionItem] = field(default_factory=list)
    failed: list[tuple[str, HiveError]] = field(default_factory=list)
    stale: int | None = None
    omitted: int = 0
    """Rows that the daemon left out of its replies: among them may be some that need the operator."""


def read_action_list(app: WebApp, request: HttpRequest) -> ActionList:
    """Everything that needs the operator. Raises only `unavailable`, which concerns all rows."""
    found = ActionList()

    def rows(name: str, read: Callable[[], Cached[list[T]]]) -> list[T]:
        try:
            cached = read()
        except HiveError as error:
            if error.code is ErrorCode.UNAVAILABLE:
                raise
            found.failed.append((name, error))
            return []
        found.omitted += cached.omitted
        if cached.stale:
            found.stale = cached.as_of_ms
        return cached.value

    found.items = action_items(
        agents=rows("agents", app.rows.agents),
        unread=rows("mail", app.rows.unread_mail),
        approvals=rows("approvals", app.rows.approvals),
        questions=rows("questions", app.rows.questions),
        dead_letters=rows("dead letters", app.rows.dead_letters),
        unreadable=rows("unreadable rows", app.rows.quarantine),
        now_ms=request.now_ms,
    )
    return found
