"""The recent notices, in the drawer of the bell of every page, until they are dismissed or old.

What N33DS Y0U shows is not repeated here: a notice about an agent is left out while its action item says the fact.
"""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any

from harness.wire import names
from harness.wire.errors import HiveError
from harness.wire.needs import Need
from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.live.notices import Notice
from web.presentation import titles
from web.sections.action_list import read_action_list
from web.sections.section import Section


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
    """The notices, newest first."""
    items: list[Need] = []
    with contextlib.suppress(HiveError):
        items = read_action_list(app).items
    notices = app.notices.since(request.dismissed_ms, request.now_ms)
    return {"notices": [notice for notice in reversed(notices) if not is_an_item(notice, items)]}


def is_an_item(notice: Notice, items: Iterable[Need]) -> bool:
    """Whether an action item of the notice's agent tells the same: its sentence, or its state as a word. Pure."""
    if notice.agent is None:
        return False
    return any(
        names.container_name(item.agent) == names.container_name(notice.agent)
        and (item.sentence in notice.text or f" is {item.word or item.kind.value}" in notice.text)
        for item in items
    )


SECTION = Section(
    name="notices",
    title=titles.NOTICES,
    template="sections/notices",
    topics=(topics.NOTICES,),
    fetch=fetch,
    frame="layout/section_without_heading",
)
