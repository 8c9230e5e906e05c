"""What every request and every answer passes, whatever the page: Host, Origin, size, and the headers. Pure decisions.

The Host check defeats DNS rebinding (a foreign name that resolves to this machine), the Origin check
cross-site requests; the policy below leaves a page nothing but its own scripts and its own server.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

MAX_BODY_BYTES = 512 * 1024
"""A 64 KiB message, percent-encoded three times over, with room."""

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

POLICY = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self'; "
    "font-src 'self'; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
PRIVATE = "no-store"
"""Cache-Control of everything that is not a hashed asset."""


def known_hosts(listening: str, further: Iterable[str]) -> frozenset[str]:
    """The names under which a browser may speak of this page, without ports."""
    bound = () if listening in ("0.0.0.0", "::", "") else (_bracketed(listening),)  # noqa: S104 — compared, not bound
    return frozenset(name.lower() for name in (*LOOPBACK, *bound, *further))


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def host_allowed(header: str | None, known: frozenset[str]) -> bool:
    """Whether the Host header names this page."""
    if not header:
        return False
    name = header.lower()
    return (name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]) in known


def origin_allowed(headers: Mapping[str, str | None]) -> bool:
    """Whether a request comes from this page or from no page at all (a program, which has no cookie to abuse)."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    if origin is None:
        return True
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == headers.get("Host")


def too_long(method: str, length: str | None) -> bool:
    """Whether the announced body is over the limit, or announced in a way that can not be checked."""
    if method not in ("POST", "PUT", "PATCH"):
        return False
    if length is None or not length.isdigit():
        return bool(length)
    return int(length) > MAX_BODY_BYTES
