"""◆ 0PER4T0R 1NB0X: the operator's own mail, newest at the bottom; read mail is dimmed."""

from collections.abc import Mapping
from typing import Any

from web import topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit

SHOWN = 8
ALL = 100


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The last mails, or all that are kept with `inbox=all`."""
    known = services.reads.inbox()
    shown = ALL if visit.query.get("inbox") == "all" else SHOWN
    return {
        "mails": known.value[-shown:],
        "hidden": max(0, len(known.value) - shown),
        "newest": known.value[-1].id if known.value else None,
        "unread": sum(mail.id > visit.seen for mail in known.value),
        "stale": known.as_of_ms if known.stale else None,
    }


SECTION = Section(
    name="inbox",
    title=words.INBOX,
    template="inbox",
    topics=(topics.INBOX,),
    fetch=fetch,
    keeps=("inbox",),
)
