"""Links in text that an agent wrote: only http and https can be clicked, and only public addresses. Pure.

The browser runs on the operator's machine: a link into that machine or its network is a request that the agent could
not make itself. Such a link stays text.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.wire.visible import hidden, legible


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of text; `href` is set when the stretch is a link."""

    text: str
    href: str | None = None


_LINK = re.compile(r"https?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
_TRAILING = ".,;:!?)]}…"
_HOST_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_PRIVATE_DOMAINS = frozenset(
    {"localhost", "localdomain", "local", "internal", "intranet", "lan", "home", "corp", "arpa"}
)


def segments(text: str) -> list[Segment]:
    """`text` cut at its links to public addresses; no other scheme becomes a link, and no letter is lost.

    What hides or turns text round is shown by its code point, so that no words stand where they are not; an address
    with such a character is no link.
    """
    return [Segment(legible(one.text), one.href) for one in _cut(text)]


def _cut(text: str) -> list[Segment]:
    found: list[Segment] = []
    at = 0
    for match in _LINK.finditer(text):
        url = match.group().rstrip(_TRAILING)
        if not is_public(url) or hidden(url):
            continue
        if match.start() > at:
            found.append(Segment(text[at : match.start()]))
        found.append(Segment(url, url))
        at = match.start() + len(url)
    if at < len(text):
        found.append(Segment(text[at:]))
    return found


def safe_href(url: str | None) -> str | None:
    """`url` when it is http(s) to a public address, else None."""
    return url if url and _LINK.fullmatch(url) and is_public(url) and not hidden(url) else None


def is_public(url: str) -> bool:
    """Whether the host of `url` is a public address or a full domain name, as a browser reads it.

    Loopback, link-local and private addresses are refused in every spelling, and so are names of one label, names of
    local domains, and names in other letters than ASCII. A public name that resolves to a private address passes: no
    name is looked up here.
    """
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    if ":" in host:
        return _is_public_v6(host)
    host = host.removesuffix(".")
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _is_public_v4(host)
    return bool(_HOST_NAME.fullmatch(host)) and labels[-1] not in _PRIVATE_DOMAINS


def _is_public_v4(host: str) -> bool:
    """Browsers read a host that ends in a number as IPv4, also `127.1`, `0x7f000001` and `2130706433`."""
    try:
        address = ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return False
    return address.is_global and not address.is_multicast


def _is_public_v6(host: str) -> bool:
    try:
        address = ipaddress.IPv6Address(host)
    except ValueError:
        return False
    # An IPv4 address inside the IPv6 one (mapped, 6to4, Teredo, NAT64, compatible) leads to the IPv4 address.
    return address.is_global and address in _GLOBAL_UNICAST and address.sixtofour is None and address.teredo is None
