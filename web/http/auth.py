"""The operator's token, the signature of session cookies, and the CSRF token of a session.

Pure but for the random secret of a cookie and the masks; time is an argument.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

COOKIE_BYTES = 32
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
    """One login, in one request. Every POST that the cookie authorises has to carry `csrf`."""

    id: int
    """The number by which the hive knows the session."""
    csrf: str
    """Masked for one answer."""


class Keyring:
    """Signs cookies with a key that is derived from the operator's token.

    The hive decides which sessions are open. The signature keeps forged cookies from it, and ends every session when
    the token changes.
    """

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._key = hashlib.blake2b(self._token, digest_size=32, person=b"hive-web-session").digest()

    def is_token(self, candidate: str) -> bool:
        """Whether `candidate` is the operator's token, compared in constant time."""
        return hmac.compare_digest(self._sign("token", candidate), self._sign("token", self._token.decode()))

    def new_cookie(self) -> str:
        """The value of a new session's cookie."""
        secret = secrets.token_urlsafe(COOKIE_BYTES)
        return f"{secret}.{self._sign('session', secret)}"

    def is_cookie(self, cookie: str) -> bool:
        """Whether a cookie was made with this token."""
        secret, _, signature = cookie.partition(".")
        return hmac.compare_digest(signature.encode(), self._sign("session", secret).encode())

    def csrf(self, cookie: str) -> str:
        """The token of the forms of a session, masked afresh each time."""
        return masked(self._sign("csrf", cookie))

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self._key, f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def digest(cookie: str) -> str:
    """What the hive knows of a cookie: enough to recognize it, not to use it."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def masked(token: str) -> str:
    """A token of hexadecimal digits under a random mask, so that no two answers repeat it (BREACH)."""
    secret = bytes.fromhex(token)
    mask = secrets.token_bytes(len(secret))
    return mask.hex() + _xor(mask, secret).hex()


def csrf_matches(given: str, expected: str) -> bool:
    """Whether two masked tokens hide the same one, compared in constant time."""
    left, right = _unmasked(given), _unmasked(expected)
    return left is not None and right is not None and hmac.compare_digest(left, right)


def _unmasked(token: str) -> bytes | None:
    """What a mask hides; None for a text that is no masked token."""
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return None
    half, odd = divmod(len(raw), 2)
    return _xor(raw[:half], raw[half:]) if half and not odd else None


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(one ^ other for one, other in zip(left, right, strict=True))


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
