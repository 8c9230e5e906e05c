"""◆ N33DS Y0U: one ranked list of everything that needs the operator, with the buttons to act on it."""

from collections.abc import Mapping
from typing import Any

from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.action_list import read_action_list
from web.sections.approvals import diffstats
from web.sections.section import Section


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:  # noqa: ARG001
    """The list, and the diffstat of each approval in it."""
    found = read_action_list(app)
    return {
        "items": found.items,
        "failed": found.failed,
        "diffstats": diffstats(app, [item.approval for item in found.items if item.approval is not None]),
        "stale": found.stale,
        "omitted": found.omitted,
    }


SECTION = Section(
    name="needs",
    title=titles.ACTION_ITEMS,
    template="sections/action_items",
    topics=topics.NEEDS,
    fetch=fetch,
)
