"""Verbs that read an agent's configuration repository: what is in force, log, tags, diffs, files. Read-only."""

from actors.agent.repos import CONFIG_FILE, Applied, history
from actors.approvals import api as approvals
from actors.approvals.review.api import compared
from actors.connection import Connection
from actors.gateway.services import Services, Verb
from harness.wire import operator_api
from harness.wire.errors import bad_request, not_found
from harness.wire.model import Reply, Request

MAIN = "main"


def agent_config(services: Services, request: Request, _connection: Connection) -> Reply:
    """The configuration in force, or at `ref`."""
    query, applied = _asked(services, request)
    return operator_api.TextReply(text=history.file(applied, query.ref or MAIN, CONFIG_FILE))


def config_log(services: Services, request: Request, _connection: Connection) -> Reply:
    query, applied = _asked(services, request)
    return operator_api.RowsReply(rows=history.log(applied, query.ref or MAIN, query.limit))


def config_tags(services: Services, request: Request, _connection: Connection) -> Reply:
    query, applied = _asked(services, request)
    return operator_api.RowsReply(rows=history.tags(applied)[: query.limit])


def config_diff(services: Services, request: Request, _connection: Connection) -> Reply:
    """From `base` to `ref`; each is what is in force where it is left out."""
    query, applied = _asked(services, request)
    sha = history.resolve(applied, query.ref or MAIN)
    shown = history.diff(applied, history.resolve(applied, query.base or MAIN), sha)
    return operator_api.DiffReply(diff=shown.text, base_sha=shown.base, sha=shown.sha)


def config_compare(services: Services, request: Request, _connection: Connection) -> Reply:
    """As `config_diff`, file by file."""
    query, applied = _asked(services, request)
    sha = history.resolve(applied, query.ref or MAIN)
    return compared(applied, history.resolve(applied, query.base or MAIN), sha)


def config_file(services: Services, request: Request, _connection: Connection) -> Reply:
    query, applied = _asked(services, request)
    if query.path is None:
        raise bad_request("config_file needs a path", f"path={CONFIG_FILE}")
    return operator_api.TextReply(text=history.file(applied, query.ref or MAIN, query.path))


def config_files(services: Services, request: Request, _connection: Connection) -> Reply:
    """The files at `ref`, each with its path and its size in bytes."""
    query, applied = _asked(services, request)
    return operator_api.RowsReply(rows=history.files(applied, query.ref or MAIN)[: query.limit])


def _asked(services: Services, request: Request) -> tuple[operator_api.ConfigQuery, Applied]:
    assert isinstance(request, operator_api.ConfigQuery)
    applied = approvals.context(services.directory).repositories.applied(request.name)
    if not applied.exists:
        raise not_found(f"configuration repository of {request.name!r}")
    return request, applied


VERBS: dict[str, Verb] = {
    "agent_config": agent_config,
    "config_log": config_log,
    "config_tags": config_tags,
    "config_diff": config_diff,
    "config_compare": config_compare,
    "config_file": config_file,
    "config_files": config_files,
}
