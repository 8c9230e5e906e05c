"""The sections of the dashboard, in the order of the page: what needs you, who is there, what is said."""

from web.section import Section
from web.sections import (
    approvals,
    banner,
    containers,
    drafts,
    flow,
    inbox,
    kept,
    needs_you,
    notices,
    questions,
    reminders,
)

DASHBOARD: tuple[Section, ...] = (
    needs_you.SECTION,
    containers.SECTION,
    kept.SECTION,
    drafts.SECTION,
    approvals.SECTION,
    questions.SECTION,
    reminders.SECTION,
    inbox.SECTION,
    flow.SECTION,
)
"""A new section is one file and one entry here."""

BY_NAME: dict[str, Section] = {section.name: section for section in (banner.SECTION, notices.SECTION, *DASHBOARD)}
