"""`/config/<name>/`: the repository of an agent's configuration, to be read: log, tags, files, any two compared."""

from collections.abc import Mapping
from typing import Any

from harness.wire import names
from harness.wire.errors import not_found
from web import section as sections_
from web import topics, urls, words
from web.pages import layout
from web.section import Section
from web.services import Services
from web.visit import TEXT, Answer, Visit
from web.words import Title

IN_FORCE = "main"
PARTS: tuple[tuple[str, Title], ...] = (
    ("view", words.DIFFERENCE),
    ("log", words.COMMITS),
    ("tags", words.TAGS),
    ("files", words.FILES),
)
QUERY = ("base", "ref", "file", "at")
"""`base` and `ref` are compared; or the file `file` is shown as it was at the commit `at`."""


def show(services: Services, visit: Visit, name: str) -> Answer:
    """The page; each part is read and fails by itself."""
    shown = names.container_name(name)
    services.reads.config_rows("config_tags", name)  # nobody of that name: a page that says so
    rendered = [sections_.render(services, _section(name, part, visit), visit) for part, _ in PARTS]
    return layout.page(
        services,
        visit,
        "config",
        title=f"{shown} · configuration · hive",
        styles=("table.css", "decisions.css"),
        name=shown,
        parts=rendered,
    )


def part(services: Services, visit: Visit, name: str, part: str) -> Answer:
    """`/config/<name>/<part>`: one part afresh."""
    if part not in dict(PARTS):
        raise not_found(f"part {part[:40]!r}")
    return sections_.answer(services, _section(name, part, visit), visit)


def panel(services: Services, visit: Visit, name: str) -> Answer:
    """`/panel/config/<name>`: what is in force, for the panel."""
    return Answer(
        layout.fragment(services, visit, "config_panel", name=names.container_name(name), **applied(services, name))
    )


def applied(services: Services, name: str) -> Mapping[str, Any]:
    """The configuration in force, as text."""
    known = services.reads.config_text(name)
    return {"config": known.value, "stale": known.as_of_ms if known.stale else None}


def text(services: Services, visit: Visit, name: str) -> Answer:  # noqa: ARG001
    """`/api/agent-config/<name>`: the same as plain text."""
    return Answer(services.reads.config_text(name).value, content_type=TEXT)


def _section(name: str, part: str, visit: Visit) -> Section:
    query = {key: visit.query[key] for key in QUERY if visit.query.get(key)}
    fetch = {"view": _view, "log": _log, "tags": _tags, "files": _files}[part]

    def own(services: Services, visit: Visit) -> Mapping[str, Any]:
        return {"name": names.container_name(name), **fetch(services, visit, name)}

    compares = part != "view" or "base" in query or "ref" in query
    title = dict(PARTS)[part] if compares and "file" not in query else words.FILES if "file" in query else words.CONFIG
    return Section(
        name=f"config-{part}",
        title=title,
        template=f"config_{part}",
        topics=(topics.config_of(name), topics.row_of(name)),
        fetch=own,
        at=urls.config_part(names.container_name(name), part, **query),
    )


def _log(services: Services, visit: Visit, name: str) -> Mapping[str, Any]:
    """The commits in force and before, with the tags each has, then what was proposed beside them."""
    known = services.reads.config_rows("config_log", name)
    tags: dict[str, list[str]] = {}
    for tag in services.reads.config_rows("config_tags", name).value:
        tags.setdefault(str(tag["sha"]), []).append(str(tag["tag"]))
    return {"commits": known.value, "tags": tags, "base": visit.query.get("base"), "ref": visit.query.get("ref")}


def _tags(services: Services, visit: Visit, name: str) -> Mapping[str, Any]:  # noqa: ARG001
    return {"tags": services.reads.config_rows("config_tags", name).value}


def _files(services: Services, visit: Visit, name: str) -> Mapping[str, Any]:
    at = visit.query.get("at") or visit.query.get("ref") or IN_FORCE
    return {"files": services.reads.config_rows("config_files", name, at).value, "at": at}


def _view(services: Services, visit: Visit, name: str) -> Mapping[str, Any]:
    """A file, or a comparison, or the configuration in force when neither was asked for."""
    path, at = visit.query.get("file"), visit.query.get("at") or IN_FORCE
    base, ref = visit.query.get("base"), visit.query.get("ref")
    if path:
        return {"file": path, "at": at, "config": services.reads.config_text(name, path=path, ref=at).value}
    if base or ref:
        compared = services.reads.config_diff(name, base or IN_FORCE, ref or IN_FORCE).value
        return {"file": None, "compared": compared, "base": base or IN_FORCE, "ref": ref or IN_FORCE}
    return {"file": "agent.toml", "at": IN_FORCE, "config": services.reads.config_text(name).value}
