"""The sections of the dashboard below what needs the operator, in the order of the page: the agents, the messages."""

from web.sections import (
    approvals,
    banner,
    containers,
    drafts,
    flow,
    inbox,
    notices,
    questions,
    reminders,
    tombstones,
)
from web.sections.section import Section

DASHBOARD: tuple[Section, ...] = (
    containers.SECTION,
    tombstones.SECTION,
    drafts.SECTION,
    approvals.SECTION,
    questions.SECTION,
    reminders.SECTION,
    inbox.SECTION,
    flow.SECTION,
)
"""A new section is one module and one line here."""

BY_NAME: dict[str, Section] = {section.name: section for section in (banner.SECTION, notices.SECTION, *DASHBOARD)}
