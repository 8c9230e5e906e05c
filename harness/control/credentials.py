"""The file in which Claude Code keeps a login of its own: whether there is one, and until when it renews itself."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.wire.times import LATEST_MS

FILE = ".credentials.json"
MAX_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """One version of the file. `expires_at_ms` is null where the file does not tell."""

    version: float
    expires_at_ms: int | None


def read(claude_dir: Path) -> Credentials | None:
    """The present version; None when there is no file. One that is not as expected tells no end."""
    path = claude_dir / FILE
    try:
        version = path.stat().st_mtime
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
    except OSError:
        return None
    try:
        return Credentials(version, expiry_ms(json.loads(content)))
    except ValueError:
        return Credentials(version, None)


def expiry_ms(content: Any) -> int | None:
    """The moment from which Claude Code cannot renew this login by itself. Pure.

    An access token lasts hours and is renewed; what ends a login is the end of the token that renews it. A login
    without such a token ends with its access token.
    """
    login = content.get("claudeAiOauth") if isinstance(content, Mapping) else None
    if not isinstance(login, Mapping):
        return None
    value = login.get("refreshTokenExpiresAt" if login.get("refreshToken") else "expiresAt")
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LATEST_MS else None
