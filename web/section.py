"""A section of a page: one file that says what it is called, what it shows and from where.

The frame (heading, live attributes, the three faces of a list: filled, empty, failed) is drawn here, once. A
section that can not be read shows the error and a retry; the others are not touched by it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.wire.errors import ErrorCode, HiveError
from web import urls
from web.render import Markup
from web.services import Services
from web.visit import Answer, Visit, status_of
from web.words import Title

Fetch = Callable[[Services, Visit], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """`fetch` gives the values of `template`; `topics` are what makes it be read again.

    `keeps` are the query keys that belong to the section's own state (a sort order, a filter) and are asked for
    again with every refresh. `appends` marks a list that grows at its end, fetched from `/section/<name>/rows`.
    """

    name: str
    title: Title
    template: str
    topics: tuple[str, ...]
    fetch: Fetch
    keeps: tuple[str, ...] = ()
    appends: bool = False
    frame: str = "section"
    """The template around it: `section` has a heading, `unheaded` brings its own."""
    at: str | None = None
    """Where it is read afresh, when that is not `/section/<name>`."""


def render(services: Services, section: Section, visit: Visit) -> Markup:
    """The whole section, whatever happened."""
    try:
        values: Mapping[str, Any] = section.fetch(services, visit)
        body = services.templates.render(section.template, visit=visit, section=section, **values)
        return _frame(services, section, visit, body=body, tools=values.get("tools"), stale=values.get("stale"))
    except HiveError as error:
        return _frame(services, section, visit, error=error)


def answer(services: Services, section: Section, visit: Visit) -> Answer:
    """The section alone, for a page that is open. While the daemon is away the page keeps what it has."""
    try:
        values = section.fetch(services, visit)
    except HiveError as error:
        if error.code is ErrorCode.UNAVAILABLE:
            return Answer(error.message, status_of(error))
        return Answer(_frame(services, section, visit, error=error))
    body = services.templates.render(section.template, visit=visit, section=section, **values)
    return Answer(_frame(services, section, visit, body=body, tools=values.get("tools"), stale=values.get("stale")))


def own_query(section: Section, visit: Visit) -> dict[str, str]:
    """The part of the query that is this section's."""
    return {key: visit.query[key] for key in section.keeps if visit.query.get(key)}


def _frame(
    services: Services,
    section: Section,
    visit: Visit,
    *,
    body: Markup | None = None,
    tools: Markup | None = None,
    stale: int | None = None,
    error: HiveError | None = None,
) -> Markup:
    return services.templates.render(
        section.frame,
        visit=visit,
        section=section,
        refresh=section.at or urls.section(section.name, **own_query(section, visit)),
        body=body,
        tools=tools,
        stale=stale,
        error=error,
    )
