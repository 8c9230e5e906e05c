"""◆ K3PT ST4T3: what is left of destroyed agents, to be brought back or deleted for good."""

from collections.abc import Mapping
from typing import Any

from web import topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:  # noqa: ARG001
    """The tombstones, and the approvals that would revive one."""
    known = services.reads.tombstones()
    return {"tombstones": known.value, "stale": known.as_of_ms if known.stale else None}


SECTION = Section(
    name="kept",
    title=words.KEPT,
    template="kept",
    topics=(topics.TOMBSTONES,),
    fetch=fetch,
)
