"""The interface of the terminals: one typed function per request. Every one may raise HiveError."""

from typing import Any

from actors.supervision import Directory, NotRunning
from actors.terminals import messages as m
from actors.terminals.messages import REGISTRY, Size, terminal
from actors.terminals.viewer import Viewer
from harness.wire.errors import not_found
from harness.wire.operator_api.terminals import RECORDING_BYTES, TerminalRow

ASK_SECONDS = 5.0
OPEN_SECONDS = 30.0
CLOSE_SECONDS = 10.0


def open_terminal(directory: Directory, agent: str, size: Size, opened_by: str) -> TerminalRow:
    """A shell in the running container of `agent`; `conflict` when it does not run."""
    row: TerminalRow = directory.ask(REGISTRY, m.Open(agent, size, opened_by), timeout=OPEN_SECONDS)
    return row


def terminals(directory: Directory, agent: str | None = None) -> list[TerminalRow]:
    """Open terminals and recordings, the last opened first."""
    rows: list[TerminalRow] = directory.ask(REGISTRY, m.ListTerminals(agent), timeout=ASK_SECONDS)
    return rows


def describe(directory: Directory, id_: str) -> TerminalRow:
    """One open terminal; `not_found` for one that has ended."""
    row: TerminalRow = _ask(directory, id_, m.Describe())
    return row


def attach(directory: Directory, id_: str, offset: int) -> Viewer:
    """A viewer of an open terminal; end it with `detach`."""
    viewer: Viewer = _ask(directory, id_, m.Attach(offset))
    return viewer


def detach(directory: Directory, id_: str, viewer: Viewer) -> None:
    """End a viewer from its own side."""
    if not directory.tell(terminal(id_), m.Detach(viewer)):
        viewer.close()


def type_in(directory: Directory, id_: str, data: bytes) -> None:
    """Type into an open terminal."""
    _ask(directory, id_, m.Input(data))


def resize(directory: Directory, id_: str, size: Size) -> None:
    """Give an open terminal another size."""
    _ask(directory, id_, m.Resize(size))


def close(directory: Directory, id_: str) -> None:
    """Hang an open terminal up. When this returns its shell has ended."""
    _ask(directory, id_, m.Close(), CLOSE_SECONDS)


def recording(directory: Directory, id_: str, offset: int) -> tuple[str, int | None]:
    """Whole lines of a recording from `offset` on, and the offset of what follows, None at the end of what there is."""
    path = directory.ask(REGISTRY, m.FindRecording(id_), timeout=ASK_SECONDS)
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(RECORDING_BYTES)
        data += file.readline() if not data.endswith(b"\n") else b""
    end = offset + len(data)
    return data.decode("utf-8", "replace"), end if end < path.stat().st_size else None


def _ask(directory: Directory, id_: str, message: object, seconds: float = ASK_SECONDS) -> Any:
    try:
        return directory.ask(terminal(id_), message, timeout=seconds)
    except NotRunning:
        raise not_found(f"open terminal {id_}", "`hive terminal list` shows them") from None
