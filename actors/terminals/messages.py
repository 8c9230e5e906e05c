"""The messages of the terminals: those of their registry, and those of one terminal."""

from dataclasses import dataclass

TERMINALS = "terminals"
REGISTRY = f"{TERMINALS}/registry"
OPEN = f"{TERMINALS}/open"
"""The dynamic supervisor of the open ones."""


def terminal(id_: str) -> str:
    """The address of one open terminal."""
    return f"{OPEN}/{id_}"


@dataclass(frozen=True, slots=True)
class Size:
    """Columns and rows of a screen."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Open:
    """To the registry. → the TerminalRow of a new terminal in the running container of `agent`."""

    agent: str
    size: Size
    opened_by: str


@dataclass(frozen=True, slots=True)
class ListTerminals:
    """To the registry. → list of TerminalRow, open ones and recordings, the last opened first; of one agent, or all."""

    agent: str | None


@dataclass(frozen=True, slots=True)
class FindRecording:
    """To the registry. → the path of the recording of a terminal, open or ended; `not_found` without one."""

    id: str


@dataclass(frozen=True, slots=True)
class Prune:
    """To the registry, by itself: recordings that are too old go."""


@dataclass(frozen=True, slots=True)
class Describe:
    """To a terminal. → its TerminalRow."""


@dataclass(frozen=True, slots=True)
class Input:
    """To a terminal. What the operator types; answered when it is taken, which is before the program reads it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Resize:
    """To a terminal. The screen of the viewer has another size."""

    size: Size


@dataclass(frozen=True, slots=True)
class Attach:
    """To a terminal. → a Viewer that begins with the output from `offset` on, as far as it is kept."""

    offset: int


@dataclass(frozen=True, slots=True)
class Detach:
    """To a terminal. The viewer is gone."""

    viewer: object


@dataclass(frozen=True, slots=True)
class Close:
    """To a terminal. The shell is hung up; answered when it has ended."""


@dataclass(frozen=True, slots=True)
class Readable:
    """To a terminal, by itself: there is output."""


@dataclass(frozen=True, slots=True)
class ShellEnded:
    """To a terminal, by itself: the program has ended."""


@dataclass(frozen=True, slots=True)
class ContainerEnded:
    """To a terminal, by itself: its container has ended, and it does with it."""


@dataclass(frozen=True, slots=True)
class Idle:
    """To a terminal, by itself: time to look whether anybody still watches."""
