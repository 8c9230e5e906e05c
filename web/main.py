"""`hive-web`: the process of the dashboard, a client of the daemon's `web.sock`.

gevent patches the standard library before any other import: bottle keeps its current request in a `threading.local`,
of which each greenlet needs its own.
"""

# ruff: noqa: E402 — the patch has to come first
from gevent import monkey

monkey.patch_all()

import logging
import os
import resource
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import gevent.socket
from gevent.event import Event
from gevent.pool import Pool

from web import user
from web.app import WebApp
from web.http.auth import read_token
from web.http.server import MAX_CONNECTIONS, Connections, Server
from web.settings import WebSettings, parse
from web.wsgi import application

STOP_SECONDS = 1.0
"""How long open requests may take to end; live streams are closed at once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit codes: 0 after a signal, 1 for a failed start, 2 for a wrong command line."""
    settings = parse(sys.argv[1:] if arguments is None else arguments, os.environ)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    token = read_token(settings.token_file)
    listeners = _inherited(settings) or [_listen(settings)]
    settings = replace(settings, port=listeners[0].getsockname()[1])
    if settings.user is not None or settings.uid is not None:
        settings = replace(settings, socket=_from_within(settings.socket))
    app = WebApp.build(settings, token)
    if settings.user is not None:
        user.become(settings.user)
    elif settings.uid is not None:
        user.become_nobody(settings.uid)
    connections = Connections(_places())
    wsgi = application(app)
    servers = [
        Server(
            listener,
            wsgi,
            connections,
            spawn=Pool(),
            log=None,
            error_log=logging.getLogger("web.server"),
            environ={"SERVER_NAME": settings.host},  # else gevent looks it up, and a slow name server delays the start
        )
        for listener in listeners
    ]
    app.feed.start()
    ending = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, ending.set)
    for server in servers:
        server.start()
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"hive-web listening on http://{shown}:{settings.port}/", flush=True)  # noqa: T201 — the one line that the process promises
    ending.wait()
    app.streams.close()
    app.sockets.close()
    gevent.joinall([gevent.spawn(server.stop, STOP_SECONDS) for server in servers])
    app.feed.stop()
    return 0


def _places() -> int:
    """How many connections there may be: as many as files, less some for the daemon's sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < min(hard, MAX_CONNECTIONS * 2):
        soft = min(hard, MAX_CONNECTIONS * 2)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(1, min(MAX_CONNECTIONS, soft // 2))


def _inherited(settings: WebSettings) -> list[Any]:
    """The listening sockets of `--listen-fd`."""
    return [gevent.socket.socket(fileno=number) for number in settings.listen_fds]


def _listen(settings: WebSettings) -> Any:
    """The listening socket, bound before privileges are dropped; SystemExit(1) with a hint when it cannot be bound."""
    family = gevent.socket.AF_INET6 if ":" in settings.host else gevent.socket.AF_INET
    sock = gevent.socket.socket(family, gevent.socket.SOCK_STREAM)
    sock.setsockopt(gevent.socket.SOL_SOCKET, gevent.socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
        sock.listen(256)
    except OSError as error:
        sock.close()
        where = f"{settings.host}:{settings.port}"
        raise SystemExit(f"Error: {where} cannot be bound: {error.strerror}\nTry: another --port") from None
    return sock


def _from_within(path: Path) -> Path:
    """The same socket by a handle on its folder: the folders around it may be closed to the user that is become."""
    try:
        folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return path  # not there yet: it is looked for each time
    return Path(f"/proc/self/fd/{folder}/{path.name}")


if __name__ == "__main__":
    raise SystemExit(main())
