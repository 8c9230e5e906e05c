"""The checks that every request has to pass before any page sees it: its origin and the size of its body. Pure.

The Origin check defeats cross-site requests; the check of the Host header is `site.py`.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

MAX_BODY_BYTES = 512 * 1024
"""Room for a message of 64 KiB in percent-encoding, which triples it, and for the other fields."""


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
