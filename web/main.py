"""`hive-web`: the dashboard's process. A client of the daemon's `web.sock`, nothing else.

The standard library is patched for gevent before anything else is imported: bottle keeps its request in a
`threading.local`, which has to be one per greenlet.
"""

# ruff: noqa: E402 — the patch has to come first
from gevent import monkey

monkey.patch_all()

import grp
import logging
import os
import pwd
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gevent
import gevent.socket
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from web import app, services
from web.auth import read_token
from web.settings import WebSettings, parse

MAX_CONNECTIONS = 1_000
STOP_SECONDS = 1.0
"""How long open requests may take to end; live streams are cut."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Exit codes: 0 asked to end, 1 could not start, 2 wrong command line."""
    settings = parse(sys.argv[1:] if arguments is None else arguments, os.environ)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    token = read_token(settings.token_file)
    listener = _listen(settings)
    settings = replace(settings, port=listener.getsockname()[1])
    parts = services.build(settings, token)
    if settings.user is not None:
        _become(settings.user)
    server = WSGIServer(
        listener,
        app.build(parts),
        spawn=Pool(MAX_CONNECTIONS),
        log=None,
        error_log=logging.getLogger("web.server"),
        environ={"SERVER_NAME": settings.host},  # else it is looked up, and a slow name server delays the start
    )
    server.stop_timeout = STOP_SECONDS
    parts.feed.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"hive-web listening on http://{shown}:{settings.port}/", flush=True)  # noqa: T201 — the one line promised
    try:
        server.serve_forever()
    finally:
        parts.live.close()
        parts.feed.stop()
    return 0


def _listen(settings: WebSettings) -> Any:
    """The listening socket, bound before privileges are dropped; SystemExit(1) with the way out."""
    family = gevent.socket.AF_INET6 if ":" in settings.host else gevent.socket.AF_INET
    sock = gevent.socket.socket(family, gevent.socket.SOCK_STREAM)
    sock.setsockopt(gevent.socket.SOL_SOCKET, gevent.socket.SO_REUSEADDR, 1)
    try:
        sock.bind((settings.host, settings.port))
        sock.listen(256)
    except OSError as error:
        sock.close()
        where = f"{settings.host}:{settings.port}"
        raise SystemExit(f"Error: {where} can not be listened on: {error.strerror}\nTry: another --port") from None
    return sock


def _become(user: str) -> None:
    """Give up every right but those of `user`."""
    try:
        entry = pwd.getpwnam(user)
    except KeyError:
        raise SystemExit(f"Error: there is no user {user!r}\nTry: web_user in the settings") from None
    if os.geteuid() != 0:
        if entry.pw_uid == os.geteuid():
            return
        raise SystemExit(f"Error: only root can become {user!r}\nTry: leave --user away")
    os.setgroups([group.gr_gid for group in grp.getgrall() if user in group.gr_mem])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


if __name__ == "__main__":
    raise SystemExit(main())
