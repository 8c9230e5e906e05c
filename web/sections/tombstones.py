"""◆ K3PT ST4T3: the tombstones of destroyed agents, to be revived or purged."""

from collections.abc import Mapping
from typing import Any

from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:  # noqa: ARG001
    """The tombstones, by name."""
    cached = app.rows.tombstones()
    return {"tombstones": cached.value, "stale": cached.stale_as_of_ms, "omitted": cached.omitted}


SECTION = Section(
    name="kept",
    title=titles.TOMBSTONES,
    template="sections/tombstones",
    topics=(topics.TOMBSTONES,),
    fetch=fetch,
)
