"""◆ DR4FTS: agents that the manager prepares and that are not spawned yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web.app import WebApp
from web.daemon import topics
from web.http.request import HttpRequest
from web.presentation import titles
from web.sections.section import Section


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft; `approval` is the number of the proposal to spawn it."""

    name: str
    config_path: str
    state_path: str
    approval: int | None


def fetch(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:  # noqa: ARG001
    """The drafts, by name."""
    cached = app.rows.drafts()
    drafts = [_draft(row) for row in cached.value]
    return {"drafts": drafts, "stale": cached.stale_as_of_ms, "omitted": cached.omitted}


def _draft(row: Mapping[str, Any]) -> Draft:
    approval = row.get("approval_id")
    return Draft(
        str(row.get("name", "")),
        str(row.get("config_path", "")),
        str(row.get("state_path", "")),
        approval if isinstance(approval, int) else None,
    )


SECTION = Section(
    name="drafts",
    title=titles.DRAFTS,
    template="sections/drafts",
    topics=(topics.DRAFTS, topics.APPROVALS),
    fetch=fetch,
)
