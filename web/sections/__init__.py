"""The sections of the dashboard, in the order of the page: what needs you, who is there, what is said."""

from web.section import Section
from web.sections import banner, containers, flow, inbox, needs_you

DASHBOARD: tuple[Section, ...] = (needs_you.SECTION, containers.SECTION, inbox.SECTION, flow.SECTION)
"""A new section is one file and one entry here."""

BY_NAME: dict[str, Section] = {section.name: section for section in (banner.SECTION, *DASHBOARD)}
