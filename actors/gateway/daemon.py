"""Verbs on the daemon itself: which one it is, what it promises, its actors, ending one so that it is restarted."""

import contextlib
import ipaddress
import os
from urllib.parse import urlsplit

from actors import supervision
from actors.agent.registry import api as agents
from actors.agent.registry.why import explained
from actors.connection import Connection
from actors.crashwatch.inspection import inspect
from actors.gateway.context import OperatorContext
from actors.routes import Route, route
from actors.supervision import Actor, Directory, SupervisionError
from harness.wire.errors import HiveError, forbidden, not_found
from harness.wire.model import Done
from harness.wire.operator_api import daemon as wire
from harness.wire.operator_api.requests import ByPath, Plain
from harness.wire.operator_rows import TreeNode

ROOT = "hive"


def about(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.AboutReply:
    config = context.config
    return wire.AboutReply(
        pid=os.getpid(),
        state_dir=str(config.state_dir),
        run_dir=str(config.run_dir),
        runtime=config.runtime,
        loopback=config.claude_base_url is not None and is_loopback(config.claude_base_url),
    )


def verify(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.VerifyReply:
    return wire.VerifyReply(promises=inspect(context.directory, context.config, context.clock))


def actors(context: OperatorContext, _request: Plain, _connection: Connection) -> wire.TreeReply:
    """The tree asks no actor. Without an answer of the registry it does not say why an agent is not well."""
    tree = supervision.tree(context.directory, ROOT)
    with contextlib.suppress(HiveError, SupervisionError):
        tree = explained(tree, agents.rows(context.directory))
    return wire.TreeReply(tree=TreeNode.model_validate(tree))


def actor_stack(context: OperatorContext, request: ByPath, _connection: Connection) -> wire.StackReply:
    return wire.StackReply(path=request.path, lines=_actor(context.directory, request.path).stack())


def restart_actor(context: OperatorContext, request: ByPath, _connection: Connection) -> Done:
    """End an actor now; its supervisor does the rest. Nothing durable is touched, containers run on."""
    if request.path == ROOT:
        raise forbidden("the root is the daemon itself", "restart the daemon: its containers run on meanwhile")
    _actor(context.directory, request.path).kill("restarted by the operator", requested=True)
    return Done()


def is_loopback(url: str) -> bool:
    """Whether this URL can only be reached on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _actor(directory: Directory, path: str) -> Actor:
    actor = directory.actor(path)
    if actor is None:
        raise not_found(f"actor {path!r} that runs", "`hive actors` shows the tree")
    return actor


ROUTES: tuple[Route[OperatorContext], ...] = (
    route(wire.ABOUT, about),
    route(wire.VERIFY, verify),
    route(wire.ACTORS, actors),
    route(wire.ACTOR_STACK, actor_stack),
    route(wire.RESTART_ACTOR, restart_actor),
)
