"""`hive-web`: the process of the dashboard, a client of the daemon's `web.sock`.

gevent patches the standard library before any other import: bottle keeps its current request in a `threading.local`,
of which each greenlet needs its own.
"""

# ruff: noqa: E402 — the patch has to come first
from gevent import monkey

monkey.patch_all()

import contextlib
import ctypes
import grp
import logging
import os
import pwd
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import gevent.socket
from gevent.event import Event
from gevent.pool import Pool

from web.app import WebApp
from web.http.auth import read_token
from web.http.server import MAX_CONNECTIONS, Connections, Server
from web.settings import WebSettings, parse
from web.wsgi import application

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG = 1, 2
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
    with _same_death():
        if settings.user is not None:
            _drop_privileges(settings.user)
        elif settings.uid is not None:
            _become(settings.uid)
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


@contextlib.contextmanager
def _same_death() -> Iterator[None]:
    """Die with the daemon all the same: the kernel forgets that with the user. Else the port would be kept for ever."""
    libc, wanted, parent = ctypes.CDLL(None, use_errno=True), ctypes.c_int(), os.getppid()
    libc.prctl(PR_GET_PDEATHSIG, ctypes.byref(wanted), 0, 0, 0)
    yield
    libc.prctl(PR_SET_PDEATHSIG, wanted.value, 0, 0, 0)
    if wanted.value and os.getppid() != parent:
        raise SystemExit("Error: the daemon has ended")


def _become(uid: int) -> None:
    """Become this user for good, in no group that anybody else is in."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _drop_privileges(user: str) -> None:
    """Become `user`, with the groups of that user and no others."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise SystemExit(f"Error: there is no user {user!r}\nTry: web_user in the settings") from None
    if os.geteuid() != 0:
        if entry.pw_uid == os.geteuid():
            return
        raise SystemExit(f"Error: only root can become {user!r}\nTry: leave out --user")
    os.setgroups([group.gr_gid for group in grp.getgrall() if user in group.gr_mem])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    raise SystemExit(main())
