"""The operator's token, the session cookie that is derived from it, and the session's CSRF token.

Nothing is stored: the signing key is derived from the token, so a session survives a restart of this process and
ends when the token changes. Pure but for the random nonce; time is an argument.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

SESSION_SECONDS = 30 * 24 * 3600
FAILURES_ALLOWED = 10
FAILURE_WINDOW_SECONDS = 60.0
MAX_ADDRESSES = 1_000


def read_token(path: Path) -> str:
    """The operator's token; raises SystemExit with a hint when the file does not hold one."""
    try:
        token = path.read_text().strip()
    except OSError as error:
        raise SystemExit(
            f"Error: the token file {path} cannot be read: {error.strerror}\nTry: hive up writes it"
        ) from None
    if not token:
        raise SystemExit(f"Error: the token file {path} is empty\nTry: delete it and start the hive again")
    return token


@dataclass(frozen=True, slots=True)
class Session:
    """One login. Every POST that the cookie authorises has to carry `csrf`."""

    issued: int
    """Seconds UTC."""
    nonce: str
    csrf: str


class Keyring:
    """Signs and checks sessions with a key that is derived from the operator's token."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._key = hashlib.blake2b(self._token, digest_size=32, person=b"hive-web-session").digest()

    def is_token(self, candidate: str) -> bool:
        """Whether `candidate` is the operator's token, compared in constant time."""
        return hmac.compare_digest(self._sign("token", candidate), self._sign("token", self._token.decode()))

    def open_session(self, now_seconds: int) -> str:
        """The cookie value of a new session."""
        body = f"{now_seconds}.{secrets.token_urlsafe(12)}"
        return f"{body}.{self._sign('session', body)}"

    def session(self, cookie: str | None, now_seconds: int) -> Session | None:
        """The session in a cookie, or None when it is forged, foreign or too old."""
        issued, _, rest = (cookie or "").partition(".")
        nonce, _, signature = rest.partition(".")
        body = f"{issued}.{nonce}"
        if not hmac.compare_digest(signature.encode(), self._sign("session", body).encode()) or not issued.isdigit():
            return None
        if not 0 <= now_seconds - int(issued) <= SESSION_SECONDS:
            return None
        return Session(int(issued), nonce, self._sign("csrf", body))

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def constant_time_equal(left: str, right: str) -> bool:
    """Constant-time comparison of two texts."""
    return hmac.compare_digest(left.encode(), right.encode())


class Throttle:
    """Counts failed logins per address; after FAILURES_ALLOWED in the window a wrong token is told to wait.

    The right token always passes: it has 256 bits, so that guessing is hopeless at any rate, and a lock would only shut
    out the operator, who may share an address with the client that guesses.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    def retry_after(self, address: str, now: float) -> float:
        """Seconds that a wrong token from `address` has to wait; 0 for none."""
        recent = [at for at in self._failures.get(address, []) if now - at < FAILURE_WINDOW_SECONDS]
        if len(recent) < FAILURES_ALLOWED:
            return 0.0
        return FAILURE_WINDOW_SECONDS - (now - recent[-FAILURES_ALLOWED])

    def failed(self, address: str, now: float) -> None:
        """Count a failed login."""
        recent = [at for at in self._failures.pop(address, []) if now - at < FAILURE_WINDOW_SECONDS]
        self._failures[address] = [*recent, now][-FAILURES_ALLOWED:]
        while len(self._failures) > MAX_ADDRESSES:
            self._failures.popitem(last=False)
