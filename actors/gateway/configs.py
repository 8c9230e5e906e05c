"""Verbs that read an agent's configuration repository: what is in force, log, tags, diffs, files. Read-only."""

from actors.agent.repos import CONFIG_FILE, Applied, history
from actors.approvals import api as approvals
from actors.approvals.review.api import compared
from actors.connection import Connection
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from harness.wire import names
from harness.wire.errors import bad_request, not_found
from harness.wire.operator_api import configs as wire
from harness.wire.operator_api.replies import DiffReply, RowsReply, TextReply
from harness.wire.review import CompareReply

MAIN = "main"


def agent_config(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> TextReply:
    """The configuration in force, or at `ref`."""
    applied = _applied(context, request.name)
    return TextReply(text=history.file(applied, request.ref or MAIN, CONFIG_FILE))


def config_log(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> RowsReply:
    """Each commit with the decision on it: `approval`, null where there was none."""
    applied = _applied(context, request.name)
    decided = approvals.decided(context.directory, request.name)
    rows = history.log(applied, request.ref or MAIN, request.limit)
    return RowsReply(rows=[{**row, "approval": decided.get(row["sha"])} for row in rows])


def config_tags(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> RowsReply:
    applied = _applied(context, request.name)
    return RowsReply(rows=history.tags(applied)[: request.limit])


def config_diff(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> DiffReply:
    """From `base` to `ref`; each is what is in force where it is left out."""
    applied = _applied(context, request.name)
    sha = history.resolve(applied, request.ref or MAIN)
    shown = history.diff(applied, history.resolve(applied, request.base or MAIN), sha)
    return DiffReply(diff=shown.text, base_sha=shown.base, sha=shown.sha)


def config_compare(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> CompareReply:
    """As `config_diff`, file by file."""
    applied = _applied(context, request.name)
    sha = history.resolve(applied, request.ref or MAIN)
    return compared(applied, history.resolve(applied, request.base or MAIN), sha)


def config_file(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> TextReply:
    applied = _applied(context, request.name)
    if request.path is None:
        raise bad_request("config_file needs a path", f"path={CONFIG_FILE}")
    return TextReply(text=history.file(applied, request.ref or MAIN, request.path))


def config_files(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> RowsReply:
    """The files at `ref`, each with its path and its size in bytes."""
    applied = _applied(context, request.name)
    return RowsReply(rows=history.files(applied, request.ref or MAIN)[: request.limit])


def config_source(context: OperatorContext, request: wire.ConfigQuery, _connection: Connection) -> wire.SourceReply:
    edits = approvals.edits(context.directory, by=names.OPERATOR, clock=context.clock)
    sha, text = edits.source(request.name, request.path or CONFIG_FILE)
    return wire.SourceReply(sha=sha, text=text)


def _applied(context: OperatorContext, name: str) -> Applied:
    applied = approvals.context(context.directory).repositories.applied(name)
    if not applied.exists:
        raise not_found(
            f"configuration repository of {name!r}", "`hive agents` and `hive tombstones` list whose there are"
        )
    return applied


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.AGENT_CONFIG, agent_config),
    route(wire.CONFIG_LOG, config_log),
    route(wire.CONFIG_TAGS, config_tags),
    route(wire.CONFIG_DIFF, config_diff),
    route(wire.CONFIG_COMPARE, config_compare),
    route(wire.CONFIG_FILE, config_file),
    route(wire.CONFIG_FILES, config_files),
    route(wire.CONFIG_SOURCE, config_source),
)
