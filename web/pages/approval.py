"""`/approval/<id>/`: one proposal with its diff against a chosen base: in the panel, and as a page of its own."""

from collections.abc import Mapping
from typing import Any, cast, get_args

from harness.wire.errors import bad_request
from web import section as sections_
from web import standing, topics, urls, words
from web.pages import layout
from web.reads import Base
from web.section import Section
from web.services import Services
from web.visit import Answer, Visit, as_json

BASES: Mapping[Base, tuple[str, str]] = {
    "running": ("running", "the same as deployed: approving it changes nothing"),
    "approved": ("last approved", "the same as what was approved last"),
    "previous": ("previous", "the same as the proposal before it"),
}
"""What it can be compared with → what that is called, and what is said when nothing differs."""


def show(services: Services, visit: Visit, number: str) -> Answer:
    """The panel's content for the panel, else a whole page."""
    section = _section(services, visit, number)
    if visit.htmx:
        return sections_.answer(services, section, visit)
    body = sections_.render(services, section, visit)
    return layout.page(
        services, visit, "alone", title=f"approval {number} · hive", styles=("decisions.css",), body=body
    )


def diff(services: Services, visit: Visit, number: str) -> Answer:
    """`/api/approvals/<id>/diff?base=`."""
    row = services.reads.approval(_number(number))
    found = services.reads.diff(row, _base(visit)).value
    return as_json({"diff": found.text, "base_sha": found.base, "sha": found.sha, "approval": row.as_frame()})


def _section(services: Services, visit: Visit, number: str) -> Section:
    base, row = _base(visit), services.reads.approval(_number(number))

    def fetch(services: Services, visit: Visit) -> Mapping[str, Any]:  # noqa: ARG001
        now = services.reads.approval(row.id)
        known = services.reads.diff(now, base)
        return {
            "row": now,
            "state": standing.of_approval(now),
            "base": base,
            "bases": BASES,
            "compared": known.value,
            "stale": known.as_of_ms if known.stale else None,
        }

    return Section(
        name="panel-approval",
        title=words.APPROVAL,
        template="approval",
        topics=(topics.APPROVALS, topics.config_of(row.agent)),
        fetch=fetch,
        frame="unheaded",
        at=urls.approval(row.id, base=base),
    )


def _base(visit: Visit) -> Base:
    given = visit.query.get("base") or "running"
    if given not in get_args(Base):
        raise bad_request(f"there is no base {given[:40]!r}", f"there are: {', '.join(get_args(Base))}")
    return cast("Base", given)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) >= 2**63:
        raise bad_request(f"{text[:40]!r} is no number of an approval")
    return int(text)
