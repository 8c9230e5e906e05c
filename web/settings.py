"""The settings of the web process: flags first, then the environment, then the defaults.

Pure, and importable without gevent.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7000


@dataclass(frozen=True, slots=True)
class WebSettings:
    """The address to listen on, the daemon's socket, the operator's token."""

    socket: Path
    """The daemon's `web.sock`."""
    token_file: Path
    """The operator's token, read once at the start, before privileges are dropped."""
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 takes a free port; the line that the process prints at its start names it."""
    user: str | None = None
    """The user to become after listening; None keeps the user of the process."""
    uid: int | None = None
    """The same by number, for a user without a name."""
    allowed_hosts: tuple[str, ...] = ()
    """Names of reverse proxies that speak TLS."""
    listen_fds: tuple[int, ...] = ()
    """Listening sockets that this process was started with; without any it binds `host` and `port` itself."""
    name: str = ""
    """The host name under which sessions are accepted; empty for a random one. Other programs must not know it."""


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> WebSettings:
    """The settings from the command line and the environment; exits with 2 when one is missing or invalid."""
    parser = _parser(environment)
    given = parser.parse_args(arguments)
    if given.socket is None:
        parser.error("the daemon's socket is missing: give --socket PATH or set HIVE_WEB_SOCKET")
    if given.token_file is None:
        parser.error("the operator's token is missing: give --token-file PATH or set HIVE_WEB_TOKEN_FILE")
    return WebSettings(
        socket=Path(given.socket),
        token_file=Path(given.token_file),
        host=given.host,
        port=given.port,
        user=given.user or None,
        uid=given.uid,
        allowed_hosts=tuple(given.allow_host),
        listen_fds=tuple(given.listen_fd),
        name=environment.get("HIVE_WEB_NAME", ""),
    )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hive-web", description="The dashboard of a hive: a client of its web.sock.")

    def setting(flag: str, variable: str, description: str, default: str | None = None, **options: Any) -> None:
        parser.add_argument(flag, default=environment.get(variable, default), help=description, **options)

    setting("--socket", "HIVE_WEB_SOCKET", "the daemon's web.sock", type=Path)
    setting("--host", "HIVE_WEB_HOST", "address to listen on", DEFAULT_HOST)
    setting("--port", "HIVE_WEB_PORT", "port to listen on; 0 takes a free one", str(DEFAULT_PORT), type=int)
    setting("--token-file", "HIVE_WEB_TOKEN_FILE", "the operator's login token", type=Path)
    setting("--user", "HIVE_WEB_USER", "become this user")
    parser.add_argument("--uid", type=int, help="become the user of this number, which needs no name")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[name for name in environment.get("HIVE_WEB_ALLOW_HOST", "").split(",") if name],
        help="the name of a reverse proxy that speaks TLS",
    )
    parser.add_argument(
        "--listen-fd", action="append", type=int, default=[], help="a listening socket that the process inherits"
    )
    return parser
