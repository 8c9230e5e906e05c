"""The frame around every page: head, banner, the bar for an absent daemon, the panel, the live attributes."""

from typing import Any

from web import section, urls
from web.render import Markup
from web.sections import banner, notices
from web.services import Services
from web.visit import Answer, Visit


def page(
    services: Services,
    visit: Visit,
    template: str,
    *,
    title: str,
    styles: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
    agent: str | None = None,
    status: int = 200,
    **values: Any,
) -> Answer:
    """The page `template` in its frame; `agent` is whose live events it shows."""
    render = services.templates.render
    body = render(template, visit=visit, **values)
    return Answer(
        render(
            "layout",
            visit=visit,
            title=title,
            styles=styles,
            scripts=scripts,
            body=body,
            banner=section.render(services, banner.SECTION, visit),
            notices=section.render(services, notices.SECTION, visit),
            feed=services.feed.status,
            events=urls.events(agent),
        ),
        status,
    )


def bare(services: Services, visit: Visit, template: str, *, title: str, status: int = 200, **values: Any) -> Answer:
    """A page without the hive around it: the login, an error before it."""
    render = services.templates.render
    body = render(template, visit=visit, **values)
    return Answer(render("bare", visit=visit, title=title, body=body), status)


def fragment(services: Services, visit: Visit, template: str, **values: Any) -> Markup:
    """A piece of a page."""
    return services.templates.render(template, visit=visit, **values)
