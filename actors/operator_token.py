"""The operator's login token: made once, kept 0600, never logged and never in a query string."""

import os
import secrets
import time
from pathlib import Path

from actors.daemon_settings import DaemonSettings
from actors.put_aside import put_aside
from harness.wire.errors import conflict

TOKEN_BYTES = 32
MAX_BYTES = 4096


def read_or_make(path: Path) -> str:
    """The token in `path`, made on first use. Refuses a file that others can read; one without a token is put aside."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        token = _read(path)
        if token is not None:
            return token
        if put_aside(path, "it holds no token; a new one is made", time.time_ns() // 1_000_000) is None:
            raise conflict(f"{path} holds no token", f"rm {path}; a new one is made") from None
        return read_or_make(path)
    with os.fdopen(handle, "w") as file:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        file.write(token + "\n")
        file.flush()
        os.fsync(file.fileno())
    return token


def _read(path: Path) -> str | None:
    """None when the file holds no token."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if os.fstat(handle).st_mode & 0o077:
            raise conflict(f"others can read the operator's token in {path}", f"rm {path}; a new one is made")
        content = file.read(MAX_BYTES).strip()
    return content.decode("ascii") if len(content) >= TOKEN_BYTES and content.isascii() else None


def dashboard_url(config: DaemonSettings, token: str) -> str | None:
    """The address that logs the operator in; None without a dashboard.

    The token stands in the fragment, which browsers never send, so it is in no server's log. The address is one of
    loopback, which the dashboard has whatever `web_host` is: without TLS no other address lets a browser log in.
    """
    if not config.web_port:
        return None
    host = config.web_host if config.web_host in {"localhost", "::1"} else "127.0.0.1"
    return f"http://{f'[{host}]' if ':' in host else host}:{config.web_port}/login#token={token}"
