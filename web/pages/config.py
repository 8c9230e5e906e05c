"""`/config/<name>/`: the repository of an agent's configuration: log, tags, files, and any two commits compared."""

from collections.abc import Callable, Mapping
from typing import Any

from harness.wire import names
from harness.wire.errors import not_found
from web import layout
from web.app import WebApp
from web.daemon import topics
from web.http import urls
from web.http.request import HttpRequest
from web.http.response import HttpResponse
from web.presentation import titles
from web.presentation.diff import commented
from web.sections import review
from web.sections.section import Section, refresh, render

IN_FORCE = "main"
QUERY = ("base", "ref", "file", "at", "edit", "view")
"""`base` and `ref` are compared, laid out as `view`; or `file` is shown as of the commit `at`; or `edit` is edited."""


def show(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """The page; each part is read by itself and fails by itself."""
    shown = names.container_name(name)
    app.rows.config_rows("config_tags", name)  # raises not_found for an unknown agent, before any part does
    return layout.page(
        app,
        request,
        "pages/config",
        title=f"{shown} · configuration · hive",
        styles=("table.css", "decisions.css", "review.css"),
        name=shown,
        parts=[render(app, _section(name, part, request), request) for part in PARTS],
    )


def part(app: WebApp, request: HttpRequest, name: str, part: str) -> HttpResponse:
    """`/config/<name>/<part>`: one part alone, for an open page."""
    if part not in PARTS:
        raise not_found(f"part {part[:40]!r}")
    return refresh(app, _section(name, part, request), request)


def panel(app: WebApp, request: HttpRequest, name: str) -> HttpResponse:
    """`/panel/config/<name>`: the configuration in force, for the panel."""
    shown = names.container_name(name)
    return HttpResponse(layout.fragment(app, request, "config/panel", name=shown, **in_force(app, name)))


def in_force(app: WebApp, name: str) -> Mapping[str, Any]:
    """The configuration in force, as text, and the decision that put it there."""
    cached = app.rows.config_text(name)
    commit = next(iter(app.rows.config_rows("config_log", name).value), None)
    decided = commit.get("approval") if commit else None
    return {"config": cached.value, "commit": commit, "decided": decided, "stale": cached.stale_as_of_ms}


def _section(name: str, part: str, request: HttpRequest) -> Section:
    query = {key: request.query[key] for key in QUERY if request.query.get(key)}
    title, fetch = PARTS[part]

    def fetch_part(app: WebApp, request: HttpRequest) -> Mapping[str, Any]:
        return {"name": names.container_name(name), **fetch(app, request, name)}

    return Section(
        name=f"config-{part}",
        title=_view_title(query) if part == "view" else title,
        template=f"config/{part}",
        topics=topics.configuration_of(name),
        fetch=fetch_part,
        refresh_url=urls.config_part(names.container_name(name), part, **query),
    )


def _view_title(query: Mapping[str, str]) -> titles.Title:
    if "file" in query:
        return titles.FILES
    return titles.DIFFERENCE if "base" in query or "ref" in query else titles.CONFIG


def _view(app: WebApp, request: HttpRequest, name: str) -> Mapping[str, Any]:
    """A file, one to edit, a comparison, or the configuration in force when the query names neither."""
    if edited := request.query.get("edit"):
        return {"path": edited, "source": app.rows.config_source(name, edited)}
    path, at = request.query.get("file"), request.query.get("at") or IN_FORCE
    base, ref = request.query.get("base"), request.query.get("ref")
    if path:
        return {"file": path, "at": at, "config": app.rows.config_text(name, path=path, ref=at).value}
    if base or ref:
        comparison = app.rows.config_compare(name, base or IN_FORCE, ref or IN_FORCE).value
        return {
            "file": None,
            "comparison": comparison,
            "files": commented.files(comparison.files),
            "layout": review.layout_of(request),
            "base": base or IN_FORCE,
            "ref": ref or IN_FORCE,
        }
    return {"file": "agent.toml", "at": IN_FORCE, "config": app.rows.config_text(name).value}


def _log(app: WebApp, request: HttpRequest, name: str) -> Mapping[str, Any]:
    """The commits in force and before, each with its tags, then the proposals beside them."""
    cached = app.rows.config_rows("config_log", name)
    tags: dict[str, list[str]] = {}
    for tag in app.rows.config_rows("config_tags", name).value:
        tags.setdefault(str(tag["sha"]), []).append(str(tag["tag"]))
    return {
        "commits": cached.value,
        "tags": tags,
        "base": request.query.get("base"),
        "ref": request.query.get("ref"),
        "omitted": cached.omitted,
    }


def _tags(app: WebApp, request: HttpRequest, name: str) -> Mapping[str, Any]:  # noqa: ARG001
    cached = app.rows.config_rows("config_tags", name)
    return {"tags": cached.value, "omitted": cached.omitted}


def _files(app: WebApp, request: HttpRequest, name: str) -> Mapping[str, Any]:
    at = request.query.get("at") or request.query.get("ref") or IN_FORCE
    cached = app.rows.config_rows("config_files", name, at)
    return {"files": cached.value, "at": at, "omitted": cached.omitted}


PARTS: dict[str, tuple[titles.Title, Callable[[WebApp, HttpRequest, str], Mapping[str, Any]]]] = {
    "view": (titles.CONFIG, _view),
    "log": (titles.COMMITS, _log),
    "tags": (titles.TAGS, _tags),
    "files": (titles.FILES, _files),
}
"""The parts in the order of the page: title, fetch."""
