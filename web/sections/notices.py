"""What was remarked lately, in a corner of every page, until it is dismissed or old."""

from collections.abc import Mapping
from typing import Any

from web import topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit

SHOWN = 3


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:
    """The newest remarks, newest last, and how many older ones there are."""
    remarks = services.notices.since(visit.noticed, visit.now_ms)
    return {"remarks": remarks[-SHOWN:], "older": max(0, len(remarks) - SHOWN)}


SECTION = Section(
    name="notices",
    title=words.NOTICES,
    template="notices",
    topics=(topics.NOTICES,),
    fetch=fetch,
    frame="unheaded",
)
