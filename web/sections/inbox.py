"""◆ 0PER4T0R 1NB0X: the operator's own mail, newest at the bottom; read mail is dimmed."""

from collections.abc import Mapping
from typing import Any

from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section

SHOWN = 8
PAGE = 100


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The last messages; with `inbox=all` a long page of them, and with `before` the page below that id."""
    whole = request.query.get("inbox") == "all"
    before = request.optional_number("before") if whole else None
    cached = app.rows.inbox(limit=PAGE if whole else SHOWN, before=before)
    mails = cached.value.messages
    older = app.rows.inbox(limit=1, before=mails[0].id).value.messages if mails else []
    return {
        "mails": mails,
        "older": (mails[0].id if whole else "") if older else None,
        "is_newest": before is None,
        "newest": mails[-1].id if mails else None,
        "total": cached.value.total,
        "unread": cached.value.unread,
        "stale": cached.stale_as_of_ms,
    }


SECTION = Section(
    name="inbox",
    title=titles.INBOX,
    template="sections/inbox",
    topics=(topics.INBOX,),
    fetch=fetch,
    query_keys=("inbox", "before"),
)
