"""Verbs on the house itself: what it promises, what a room does, ending a room so that it is repaired."""

import ipaddress
import os
from urllib.parse import urlsplit

from actors.connection import Connection
from actors.crashwatch.inspection import inspect
from actors.gateway.services import Services, Verb
from actors.supervision import Actor, Directory
from harness.wire import operator_api
from harness.wire.errors import forbidden, not_found
from harness.wire.model import Done, Reply, Request

ROOT = "hive"


def verify(services: Services, _request: Request, _connection: Connection) -> Reply:
    return operator_api.VerifyReply(promises=inspect(services.directory, services.config, services.clock))


def actor_stack(services: Services, request: Request, _connection: Connection) -> Reply:
    assert isinstance(request, operator_api.ByPath)
    return operator_api.StackReply(path=request.path, lines=_room(services.directory, request.path).stack())


def restart_actor(services: Services, request: Request, _connection: Connection) -> Reply:
    """End a room now; its supervisor does the rest. Nothing durable is touched, containers run on."""
    assert isinstance(request, operator_api.ByPath)
    if request.path == ROOT:
        raise forbidden("the root is the daemon itself", "restart the daemon: its containers run on meanwhile")
    _room(services.directory, request.path).kill("restarted by the operator")
    return Done()


def about(services: Services, _request: Request, _connection: Connection) -> Reply:
    config = services.config
    return operator_api.AboutReply(
        pid=os.getpid(),
        state_dir=str(config.state_dir),
        run_dir=str(config.run_dir),
        runtime=config.runtime,
        loopback=config.claude_base_url is not None and is_loopback(config.claude_base_url),
    )


def is_loopback(url: str) -> bool:
    """Whether this URL can only be reached on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _room(directory: Directory, path: str) -> Actor:
    room = directory.actor(path)
    if room is None:
        raise not_found(f"room {path!r} that runs", "`hive actors` shows the tree")
    return room


VERBS: dict[str, Verb] = {
    "verify": verify,
    "actor_stack": actor_stack,
    "restart_actor": restart_actor,
    "about": about,
}
