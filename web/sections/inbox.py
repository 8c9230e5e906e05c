"""◆ 0PER4T0R 1NB0X: the operator's own mail, newest at the bottom; read mail is dimmed."""

from collections.abc import Mapping
from typing import Any

from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section

SHOWN = 8
ALL = 100


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The last messages, or with `inbox=all` every message that the daemon lists."""
    cached = app.rows.inbox()
    shown = ALL if request.query.get("inbox") == "all" else SHOWN
    return {
        "mails": cached.value[-shown:],
        "hidden": max(0, len(cached.value) - shown),
        "newest": cached.value[-1].id if cached.value else None,
        "unread": sum(mail.id > request.last_read_mail for mail in cached.value),
        "stale": cached.stale_as_of_ms,
    }


SECTION = Section(
    name="inbox",
    title=titles.INBOX,
    template="sections/inbox",
    topics=(topics.INBOX,),
    fetch=fetch,
    query_keys=("inbox",),
)
