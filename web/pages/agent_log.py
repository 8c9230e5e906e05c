"""The turn log of an agent: the last page of it and what comes, or an older page, or the log from a moment on."""

from collections.abc import Mapping
from typing import Any

from harness.wire import names
from harness.wire.boundary.moments import moment_ms
from harness.wire.errors import HiveError, bad_request, not_found
from harness.wire.live.facets import Facet
from harness.wire.operator_rows import AgentRow
from web import layout
from web.app import WebApp
from web.daemon import topics
from web.daemon.listed import omitted
from web.daemon.rows import LogPage
from web.http import urls
from web.http.request import HttpRequest, row_id
from web.http.response import HttpResponse
from web.presentation import images, turn_log
from web.presentation.log_turns import groups
from web.templating import Markup

QUERY = ("at", "older", "newer", "only")
"""What the query says of the log: from a moment on, before an event, after one; and which facet."""
PLACE_PARTS = 3
"""Of the address of an image: the event, its block, the number of the image."""
AGES = {"1h": "1 hour", "6h": "6 hours", "1d": "1 day", "7d": "7 days"}


def render(app: WebApp, request: HttpRequest, row: AgentRow) -> Markup:
    """The section, with its error where the log cannot be read."""
    name = names.container_name(row.name)
    own = {key: request.query[key] for key in QUERY if request.query.get(key)}

    def to(**query: object) -> str:
        """The page with this view; the filter stays unless it is named."""
        return urls.agent(name, **{"only": own.get("only"), **query})

    values: dict[str, Any] = {"error": None, "page": None, "groups": [], "last": 0}
    try:
        only = _only(request)
        page = _page(app, request, row.name, only)
        last = None if page.newer else _last(app, row.name, page, only)
        values |= {"page": page, "groups": groups(page.rows, page.turns, only=only), "last": last}
    except HiveError as error:
        values["error"] = error
    return app.templates.render(
        "log/section",
        request=request,
        name=name,
        own=own,
        to=to,
        past=bool(own.keys() - {"only"}),
        facets=tuple(Facet),
        ages=AGES,
        keys=QUERY,
        refresh=urls.agent_part(name, "log", **own),
        rows_at=urls.agent_part(name, "log/rows", only=own.get("only")),
        topics=(topics.log_of(row.name), topics.turns_of(row.name)),
        omitted=omitted(values["page"]),
        **values,
    )


def section(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/agent/<name>/log`: the section alone, for an open page whose view has changed."""
    return HttpResponse(render(app, request, app.rows.agent(name).value))


def rows(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/agent/<name>/log/rows`: what came after an event, or the page before or after one, to be joined to a list.

    `turn` is the turn that ran at the end of that list: its head changes when it has ended.
    """
    row = app.rows.agent(name).value
    only = _only(request)
    before, after, turn = (request.optional_number(key) for key in ("before", "after", "turn"))
    if before is not None:
        page = app.rows.log(row.name, before=before, only=only).value
        found = groups(page.rows, page.turns, only=only)
    elif "page" in request.query:
        page = app.rows.log(row.name, after=after or 0, only=only).value
        found = groups(page.rows, page.turns, only=only)
    else:
        page = app.rows.log_after(row.name, after or 0)
        fresh = [one for one in page.turns if one.last_event >= (after or 0) or one.first_event == turn]
        found = groups(page.rows, fresh, only=only, running=turn)
        if only is not None:
            found = [group for group in found if group.rows]
    last = after if not page.rows else int(page.rows[-1]["id"])
    values: Mapping[str, Any] = {"name": names.container_name(row.name), "groups": found, "page": page, "last": last}
    return HttpResponse(layout.fragment(app, request, "log/page", **values))


def event(app: WebApp, request: HttpRequest, name: str, number: str) -> HttpResponse:
    """`/agent/<name>/log/event/<number>`: one event with all that is kept of it, as a page or in place of its row."""
    row = app.rows.agent(name).value
    values: dict[str, Any] = {
        "name": names.container_name(row.name),
        "rows": turn_log.rows([_event(app, row, row_id(number))], whole=True),
    }
    if request.htmx:
        return HttpResponse(layout.fragment(app, request, "log/rows", **values))
    title = f"{values['name']} · event {row_id(number)} · hive"
    return layout.page(app, request, "log/event", title=title, styles=("agent.css", "turn_log.css"), **values)


def image(app: WebApp, request: HttpRequest, name: str, place: str) -> HttpResponse:  # noqa: ARG001
    """`/agent/<name>/log/image/<event>-<block>-<number>`: an image that a tool answered with, and nothing else."""
    row = app.rows.agent(name).value
    parts = place.split("-")
    number, block, index = map(row_id, parts if len(parts) == PLACE_PARTS else ("",) * PLACE_PARTS)
    shown = images.found(_event(app, row, number).get("event"), block, index)
    if shown is None:
        raise not_found("this image", "it was too large to keep, or is none that a browser shows")
    kind, data = shown
    return HttpResponse(data, content_type=kind, headers={"Content-Security-Policy": "default-src 'none'; sandbox"})


def _event(app: WebApp, row: AgentRow, number: int) -> Mapping[str, Any]:
    records = app.rows.log(row.name, before=number + 1, limit=1).value.rows
    if not records or int(records[0]["id"]) != number:
        raise not_found(f"event {number} of {row.name}", "events are kept for a week")
    return records[0]


def _only(request: HttpRequest) -> Facet | None:
    wanted = request.query.get("only")
    if not wanted:
        return None
    try:
        return Facet(wanted)
    except ValueError:
        raise bad_request(f"there is no filter {wanted[:20]!r}", f"the filters are: {', '.join(Facet)}") from None


def _page(app: WebApp, request: HttpRequest, agent: str, only: Facet | None) -> LogPage:
    at = request.query.get("at")
    if at:
        try:
            return app.rows.log(agent, at_ms=moment_ms(at, request.now_ms), only=only).value
        except ValueError as error:
            raise bad_request(str(error)) from None
    before, after = request.optional_number("older"), request.optional_number("newer")
    return app.rows.log(agent, before=before, after=after, only=only).value


def _last(app: WebApp, agent: str, page: LogPage, only: Facet | None) -> int:
    """The event after which an open page goes on. A filter may have left out the last ones."""
    shown = page.rows if only is None and page.rows else app.rows.log(agent, limit=1).value.rows
    return int(shown[-1]["id"]) if shown else 0
