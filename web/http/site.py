"""The names under which browsers reach this server, and what each is good for. Pure.

A browser sends a cookie to every port of a host name. Sessions are therefore accepted under two kinds of name alone:
the site's own name, which no other program knows, and names that are reached over TLS, where `__Host-` and `Secure`
keep the cookie from programs without the certificate. Every other name, such as `localhost`, serves programs with a
bearer token and leads a browser to the site's own name. docs/decisions/0015 has the reasons.

The check of the Host header also defeats DNS rebinding: a foreign name that resolves to this machine.
"""

import base64
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
EVERY = ("0.0.0.0", "::", "")  # noqa: S104 — compared, not bound


class NameKind(StrEnum):
    """What a name of this server is good for."""

    OWN = "own"
    """Sessions, over plain HTTP on this machine."""
    TLS = "tls"
    """Sessions, behind a reverse proxy that speaks TLS."""
    LOOPBACK = "loopback"
    """No session. The browser is on this machine, so it can go to the site's own name."""
    PLAIN = "plain"
    """No session, and no way to one: the browser is on another machine."""


def random_name() -> str:
    """An own name for a server that is told none."""
    return "hive-" + base64.b32encode(secrets.token_bytes(20)).decode().lower() + ".localhost"


@dataclass(frozen=True, slots=True)
class Site:
    """The names of this server, without ports, in lower case."""

    own: str
    tls: frozenset[str]
    plain: frozenset[str]

    @classmethod
    def of(cls, own: str, listening: str, further: Iterable[str]) -> "Site":
        """`listening` is the address of the server, `further` are the names of reverse proxies."""
        plain = frozenset() if listening in EVERY else frozenset({_in_brackets(listening).lower()})
        return cls(own.lower(), frozenset(name.lower() for name in further), plain - set(LOOPBACK))

    def kind(self, host: str | None) -> NameKind | None:
        """The kind of the name in a Host header; None for a name that is not this server's."""
        name, _ = split_port(host or "")
        if name == self.own:
            return NameKind.OWN
        if name in self.tls:
            return NameKind.TLS
        if name in LOOPBACK:
            return NameKind.LOOPBACK
        return NameKind.PLAIN if name in self.plain else None

    def own_url(self, host: str, path: str) -> str:
        """`path` under the site's own name, on the port of a Host header."""
        _, port = split_port(host)
        return f"http://{self.own}{port}{path}"


def split_port(host: str) -> tuple[str, str]:
    """The name of a Host header in lower case, and its port with the colon, or an empty text."""
    host = host.lower()
    if host.startswith("["):
        name, bracket, port = host.partition("]")
        return name + bracket, port
    name, colon, port = host.partition(":")
    return name, colon + port


def without_name(site: Site, text: str) -> str:
    """`text` without the site's own name: what the operator copies from the address bar must not tell an agent."""
    return re.sub(re.escape(site.own), LOOPBACK[0], text, flags=re.IGNORECASE)


def _in_brackets(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name
