"""A section of a page: one module says its title, its template, its topics and how it fetches its values.

This module draws the frame of every section: the heading, the attributes of the live refresh, and the error with a
retry when the section cannot be read. A failed section does not affect the others.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import Any

from harness.wire.errors import ErrorCode, HiveError
from web.app import WebApp
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse, status_of
from web.presentation.titles import Title
from web.templating import Markup

_VOLATILE = re.compile(r'(<time\b[^>]*>)[^<]*|name="csrf" value="[^"]*"')

Fetch = Callable[[WebApp, HttpRequest], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Section:
    """`fetch` gives the values of `template`, `stale` and `omitted` among them; an event on a topic causes a refresh.

    `query_keys` are the parts of the query that belong to the section (a sort order, a filter); no other section has
    them. Every refresh repeats them, and a link or form with `data-view` in the section changes them. `appends` marks a
    list that grows at its end, from `/section/<name>/rows`.
    """

    name: str
    title: Title
    template: str
    topics: tuple[str, ...]
    fetch: Fetch
    query_keys: tuple[str, ...] = ()
    appends: bool = False
    by_rows: bool = False
    """Whether a page reads single rows of it again."""
    frame: str = "layout/section"
    """The template of the frame; `layout/section_without_heading` leaves the heading to the section's own template."""
    refresh_url: str | None = None
    """The address of a refresh, when it is not `/section/<name>`."""
    frame_values: Mapping[str, Any] = field(default_factory=dict)
    """What the template of the frame knows beside the section."""


def render(app: WebApp, section: Section, request: HttpRequest) -> Markup:
    """The section as a part of a page, with its error where it cannot be read."""
    try:
        return _read(app, section, request)[0]
    except HiveError as error:
        return _frame(app, section, request, error=error)


def refresh(app: WebApp, section: Section, request: HttpRequest) -> HttpResponse:
    """The section alone, for an open page; nothing for one that has it. While the daemon is away it keeps its rows."""
    try:
        markup, digest = _read(app, section, request)
        if digest and request.if_none_match == f'"{digest}"':
            return HttpResponse("", 304)
        return HttpResponse(markup)
    except HiveError as error:
        if error.code is ErrorCode.UNAVAILABLE:
            return HttpResponse(error.message, status_of(error))
        return HttpResponse(_frame(app, section, request, error=error))


def own_query(section: Section, request: HttpRequest) -> dict[str, str]:
    """The part of the query that belongs to this section."""
    return {key: request.query[key] for key in section.query_keys if request.query.get(key)}


def view_link(section: Section, request: HttpRequest, **changes: object) -> str:
    """The address of the page with this section changed: None takes a key away. The views of other sections stay."""
    views = {**views_of_others(section, request), **own_query(section, request), **changes}
    return urls.with_query(request.page[0], **views)


def views_of_others(section: Section, request: HttpRequest) -> dict[str, str]:
    """The part of the page's query that does not belong to this section."""
    return {key: value for key, value in request.page[1].items() if key not in section.query_keys}


def digest_of(body: str) -> str:
    """Tells whether a section has changed: of all that is in it but the ages, which tick in the page, and the masks."""
    return blake2b(_VOLATILE.sub(r"\1", body).encode(errors="replace"), digest_size=9).hexdigest()


def _read(app: WebApp, section: Section, request: HttpRequest) -> tuple[Markup, str]:
    values = section.fetch(app, request)
    link, kept = partial(view_link, section, request), views_of_others(section, request)
    body = app.templates.render(section.template, request=request, section=section, link=link, kept=kept, **values)
    stale, omitted = values.get("stale"), values.get("omitted", 0)
    digest = "" if section.by_rows or section.appends else digest_of(f"{stale} {omitted} {body}")
    return _frame(app, section, request, body=body, digest=digest, stale=stale, omitted=omitted), digest


def _frame(
    app: WebApp,
    section: Section,
    request: HttpRequest,
    *,
    body: Markup | None = None,
    digest: str = "",
    stale: int | None = None,
    omitted: int = 0,
    error: HiveError | None = None,
) -> Markup:
    return app.templates.render(
        section.frame,
        request=request,
        section=section,
        refresh=section.refresh_url or urls.section(section.name, **own_query(section, request)),
        body=body,
        digest=digest,
        stale=stale,
        omitted=omitted,
        error=error,
        **section.frame_values,
    )
