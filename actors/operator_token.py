"""The operator's login token: made once, kept 0600, never logged and never in a query string."""

import os
import secrets
from pathlib import Path

from actors.daemon_settings import DaemonSettings
from harness.wire.errors import conflict

TOKEN_BYTES = 32


def read_or_make(path: Path) -> str:
    """The token in `path`, made on first use. Refuses a file that others can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(handle, "w") as file:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    return token


def _read(path: Path) -> str:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle) as file:
        if os.fstat(handle).st_mode & 0o077:
            raise conflict(f"others can read the operator's token in {path}", f"rm {path}; a new one is made")
        token = file.read().strip()
    if len(token) < TOKEN_BYTES:
        raise conflict(f"{path} holds no token", f"rm {path}; a new one is made")
    return token


def dashboard_url(config: DaemonSettings, token: str) -> str | None:
    """The address that logs the operator in; None without a dashboard.

    The token stands in the fragment, which browsers never send, so it is in no server's log. The address is one of
    loopback, which the dashboard has whatever `web_host` is: without TLS no other address lets a browser log in.
    """
    if not config.web_port:
        return None
    host = config.web_host if config.web_host in {"localhost", "::1"} else "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{config.web_port}/login#token={token}"
