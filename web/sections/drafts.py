"""◆ DR4FTS: agents that are prepared and not yet there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from web import topics, words
from web.section import Section
from web.services import Services
from web.visit import Visit


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft; `approval` is the number of the proposal that waits for it."""

    name: str
    config_path: str
    state_path: str
    approval: int | None


def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:  # noqa: ARG001
    """The drafts, by name."""
    known = services.reads.drafts()
    return {"drafts": [_draft(row) for row in known.value], "stale": known.as_of_ms if known.stale else None}


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
    title=words.DRAFTS,
    template="drafts",
    topics=(topics.DRAFTS, topics.APPROVALS),
    fetch=fetch,
)
