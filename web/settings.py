"""The settings of the web process: flags first, then the environment, then the defaults.

Pure, and importable without gevent.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

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
    allowed_hosts: tuple[str, ...] = ()
    """Further names that browsers may use beside loopback and `host`, such as the name of a reverse proxy."""


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> WebSettings:
    """The settings from the command line and the environment; exits with 2 when one is missing or invalid."""
    parser = argparse.ArgumentParser(prog="hive-web", description="The dashboard of a hive: a client of its web.sock.")
    parser.add_argument("--socket", type=Path, default=environment.get("HIVE_WEB_SOCKET"), help="the daemon's web.sock")
    parser.add_argument("--host", default=environment.get("HIVE_WEB_HOST", DEFAULT_HOST), help="address to listen on")
    parser.add_argument(
        "--port",
        type=int,
        default=environment.get("HIVE_WEB_PORT", str(DEFAULT_PORT)),
        help="port to listen on; 0 takes a free one",
    )
    parser.add_argument(
        "--token-file", type=Path, default=environment.get("HIVE_WEB_TOKEN_FILE"), help="the operator's login token"
    )
    parser.add_argument("--user", default=environment.get("HIVE_WEB_USER") or None, help="become this user")
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[name for name in environment.get("HIVE_WEB_ALLOW_HOST", "").split(",") if name],
        help="a further name browsers may use for this page",
    )
    given = parser.parse_args(arguments)
    if given.socket is None:
        parser.error("where is the daemon? give --socket PATH or set HIVE_WEB_SOCKET")
    if given.token_file is None:
        parser.error("who may log in? give --token-file PATH or set HIVE_WEB_TOKEN_FILE")
    return WebSettings(
        socket=Path(given.socket),
        token_file=Path(given.token_file),
        host=given.host,
        port=given.port,
        user=given.user,
        allowed_hosts=tuple(given.allow_host),
    )
