"""The daemon's terminals: rows, recordings and the stream of an open one."""

import base64
from collections.abc import Iterator

from harness.wire.errors import not_found
from harness.wire.model import Done
from harness.wire.operator_api import terminals as wire
from harness.wire.operator_api.terminals import TerminalFrame, TerminalRow
from web.daemon.client import DaemonClient

__all__ = ["TerminalFrame", "TerminalRow", "Terminals"]

OPEN_SECONDS = 30.0


class Terminals:
    """Every method raises the daemon's HiveError."""

    def __init__(self, daemon: DaemonClient) -> None:
        self._daemon = daemon

    def rows(self, agent: str | None = None) -> list[TerminalRow]:
        """Open terminals and recordings, the last opened first."""
        return self._daemon.ask(wire.ListTerminals(agent=agent), wire.TerminalsReply).terminals

    def row(self, id_: str) -> TerminalRow:
        """One of them."""
        for row in self.rows():
            if row.id == id_:
                return row
        raise not_found(f"terminal {id_[:40]!r}", "the agent's page lists its terminals")

    def open(self, agent: str, session: int | None) -> TerminalRow:
        """A new terminal in the container of `agent`."""
        request = wire.OpenTerminal(agent=agent, session=session)
        return self._daemon.ask(request, wire.TerminalReply, seconds=OPEN_SECONDS).terminal

    def attach(self, id_: str, offset: int) -> Iterator[TerminalFrame]:
        """The output of an open terminal from `offset` on. Ends without an end of the terminal when it was too slow."""
        _, frames = self._daemon.stream(wire.AttachTerminal(id=id_, offset=offset), wire.TerminalReply)
        return (TerminalFrame.model_validate(frame) for frame in frames)

    def type_in(self, id_: str, data: bytes) -> None:
        """Type into an open terminal."""
        self._daemon.ask(wire.TypeInTerminal(id=id_, data=base64.b64encode(data).decode()), Done)

    def resize(self, id_: str, columns: int, rows: int) -> None:
        """Give an open terminal another size."""
        self._daemon.ask(wire.ResizeTerminal(id=id_, columns=columns, rows=rows), Done)

    def close(self, id_: str) -> None:
        """Hang an open terminal up."""
        self._daemon.ask(wire.CloseTerminal(id=id_), Done)

    def recording(self, id_: str, offset: int) -> wire.RecordingReply:
        """A piece of a recording."""
        return self._daemon.ask(wire.ReadRecording(id=id_, offset=offset), wire.RecordingReply)
