"""The checks that every request has to pass before any page sees it: Host, Origin, size of the body. Pure.

The Host check defeats DNS rebinding (a foreign name that resolves to this machine); the Origin check defeats
cross-site requests.
"""

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

MAX_BODY_BYTES = 512 * 1024
"""Room for a message of 64 KiB in percent-encoding, which triples it, and for the other fields."""

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def known_hosts(listening: str, further: Iterable[str]) -> frozenset[str]:
    """The names, without ports, that a browser may use for this server."""
    bound = () if listening in ("0.0.0.0", "::", "") else (_in_brackets(listening),)  # noqa: S104 — compared, not bound
    return frozenset(name.lower() for name in (*LOOPBACK, *bound, *further))


def _in_brackets(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def host_allowed(header: str | None, known: frozenset[str]) -> bool:
    """Whether the Host header names this server."""
    if not header:
        return False
    name = header.lower()
    return (name.partition("]")[0] + "]" if name.startswith("[") else name.partition(":")[0]) in known


def origin_allowed(headers: Mapping[str, str | None]) -> bool:
    """Whether a request comes from this site, or from a program, which has no cookie to abuse."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    if origin is None:
        return True
    return bool(urlsplit(origin).netloc) and urlsplit(origin).netloc == headers.get("Host")


def body_too_large(method: str, length: str | None) -> bool:
    """Whether the Content-Length is over the limit, or is not a number that can be checked."""
    if method not in ("POST", "PUT", "PATCH"):
        return False
    if length is None or not length.isdigit():
        return bool(length)
    return int(length) > MAX_BODY_BYTES
