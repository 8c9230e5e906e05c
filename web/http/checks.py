"""The checks that every request has to pass before any page sees it: its origin and the size of its body. Pure.

The Origin check defeats cross-site requests; the check of the Host header is `site.py`.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

MAX_BODY_BYTES = 512 * 1024
"""Room for a message of 64 KiB in percent-encoding, which triples it, and for the other fields."""


def drop_unreadable(environ: MutableMapping[str, Any]) -> None:
    """Leave out headers and cookies that are not ASCII, as if they had not been sent: no browser of itself sends any.

    Refusing them would let a page on another port close the door: it can set cookies for the names of loopback.
    """
    if "HTTP_COOKIE" in environ:
        environ["HTTP_COOKIE"] = ";".join(one for one in environ["HTTP_COOKIE"].split(";") if one.isascii())
    for name in [name for name in environ if name.startswith("HTTP_") or name == "CONTENT_TYPE"]:
        if not str(environ[name]).isascii():
            del environ[name]


def host_of(url: str) -> str:
    """Host and port of a URL from a header; an empty text when it is none."""
    try:
        return urlsplit(url).netloc
    except ValueError:
        return ""


def origin_allowed(headers: Mapping[str, str | None]) -> bool:
    """Whether a request comes from this site, or from a program, which has no cookie to abuse."""
    site = headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    origin = headers.get("Origin")
    if origin is None:
        return True
    return bool(host_of(origin)) and host_of(origin) == headers.get("Host")


def body_too_large(method: str, length: str | None) -> bool:
    """Whether the Content-Length is over the limit, or is not a number that can be checked."""
    if method not in ("POST", "PUT", "PATCH"):
        return False
    if length is None or not length.isdigit():
        return bool(length)
    return int(length) > MAX_BODY_BYTES
