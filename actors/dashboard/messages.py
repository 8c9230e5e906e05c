"""The messages of the dashboard's components."""

from dataclasses import dataclass

WEB = "web"
PORT = f"{WEB}/port"
PROCESS = f"{WEB}/process"
PAGE = f"{WEB}/page"


@dataclass(frozen=True, slots=True)
class Held:
    """The port is held by these listening sockets, which stay the port's."""

    descriptors: tuple[int, ...]
    site_name: str
    """The host name under which the dashboard accepts sessions. A secret: it keeps the cookie from other ports."""


@dataclass(frozen=True, slots=True)
class GetHeld:
    """→ Held, or None while the port is taken by another program."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """To itself: the port may be free by now."""


@dataclass(frozen=True, slots=True)
class Answered:
    """To itself: the request to the page has an answer, or will never have one."""
