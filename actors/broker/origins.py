"""For whom a commit is made. Pure."""

from dataclasses import dataclass

from actors.supervision import Origin


@dataclass(slots=True)
class Origins:
    """For whom a plan is made: which clients' requests are in it."""

    several: bool = False
    _first: Origin | None = None
    _empty: bool = True

    def add(self, origin: Origin | None) -> None:
        """Note the origin of one more request."""
        if self._empty:
            self._first, self._empty = origin, False
        elif origin is not self._first and _name(origin) != _name(self._first):
            self.several = True

    def single(self) -> Origin | None:
        """The origin of all requests; None when they are of several clients, or of the hive itself."""
        return None if self.several else self._first


def _name(origin: Origin | None) -> str | None:
    return None if origin is None else origin.name
