"""The recent notices, in a corner of every page, until they are dismissed or old."""

from collections.abc import Mapping
from typing import Any

from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section

SHOWN = 3


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The newest notices, newest last, and the number of the older ones."""
    notices = app.notices.since(request.dismissed_ms, request.now_ms)
    return {"notices": notices[-SHOWN:], "older": max(0, len(notices) - SHOWN)}


SECTION = Section(
    name="notices",
    title=titles.NOTICES,
    template="sections/notices",
    topics=(topics.NOTICES,),
    fetch=fetch,
    frame="layout/section_without_heading",
)
