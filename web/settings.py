"""What the web process is told at its start: flags first, then the environment, then the defaults.

Pure and importable without gevent, so that `hive-web --help` answers at once.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 7000


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the process listens, whom it asks, whom it lets in."""

    socket: Path
    """The daemon's `web.sock`."""
    token_file: Path
    """The operator's token, read once at the start, before privileges are dropped."""
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 takes a free one; the line printed at the start tells which."""
    user: str | None = None
    """Whom to become after listening; None stays who it is."""
    allowed_hosts: tuple[str, ...] = ()
    """Names beside loopback and `host` under which browsers may reach the page (a reverse proxy's, say)."""


def parse(arguments: Sequence[str], environment: Mapping[str, str]) -> WebSettings:
    """The settings in the command line and the environment; ends the program with 2 when they are off."""
    parser = argparse.ArgumentParser(prog="hive-web", description="The dashboard of a hive: a client of its web.sock.")
    parser.add_argument("--socket", type=Path, default=environment.get("HIVE_WEB_SOCKET"), help="the daemon's web.sock")
    parser.add_argument("--host", default=environment.get("HIVE_WEB_HOST", DEFAULT_HOST), help="address to listen on")
    parser.add_argument(
        "--port", type=int, default=environment.get("HIVE_WEB_PORT", str(DEFAULT_PORT)), help="0 takes a free one"
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
