"""The frame around every page: head, banner, notices, the bar for an unreachable daemon, the panel."""

from collections.abc import Mapping
from typing import Any, Protocol

from web.app import WebApp
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.sections import banner, notices
from web.sections.section import render
from web.templating import Markup


class Frame(Protocol):
    """`page` or `bare`."""

    def __call__(
        self,
        app: WebApp,
        request: HttpRequest,
        template: str,
        *,
        title: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HttpResponse: ...


def page(
    app: WebApp,
    request: HttpRequest,
    template: str,
    *,
    title: str,
    styles: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
    agent: str | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HttpResponse:
    """The page `template` in its frame; `agent` is the one whose live events the page shows."""
    body = app.templates.render(template, request=request, **values)
    frame = app.templates.render(
        "layout/page",
        request=request,
        title=title,
        styles=styles,
        scripts=scripts,
        body=body,
        banner=render(app, banner.SECTION, request),
        notices=render(app, notices.SECTION, request),
        feed=app.feed.status,
        events=urls.events(agent),
    )
    return HttpResponse(frame, status, headers=headers or {})


def bare(
    app: WebApp,
    request: HttpRequest,
    template: str,
    *,
    title: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HttpResponse:
    """A page that shows nothing of the hive: the login, and an error before it."""
    body = app.templates.render(template, request=request, **values)
    frame = app.templates.render("layout/bare", request=request, title=title, body=body)
    return HttpResponse(frame, status, headers=headers or {})


def fragment(app: WebApp, request: HttpRequest, template: str, **values: Any) -> Markup:
    """A piece of a page."""
    return app.templates.render(template, request=request, **values)
