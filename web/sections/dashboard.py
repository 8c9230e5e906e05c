"""The sections of the dashboard in the order of the page: what needs the operator, the agents, the messages."""

from web.sections import (
    action_items,
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
    action_items.SECTION,
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
