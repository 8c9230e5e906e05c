"""Terminals: the operator's shells inside containers, and their recordings."""

from typing import Annotated, Literal

from pydantic import Field

from harness.wire.boundary.listing import ListReply
from harness.wire.model import Done, Record, Reply, Request
from harness.wire.names import AgentName
from harness.wire.times import Timestamp
from harness.wire.verb import OPERATORS, Rows, StreamVerb, Verb

TerminalId = Annotated[str, Field(pattern=r"^[0-9]{8}-[0-9]{6}-[0-9a-f]{6}$")]
Columns = Annotated[int, Field(ge=2, le=500)]
Lines = Annotated[int, Field(ge=1, le=300)]
Base64 = Annotated[str, Field(max_length=64 * 1024, pattern=r"^[A-Za-z0-9+/]*={0,2}$")]

RECORDING_BYTES = 256 * 1024
"""Of a recording, in one reply."""


class TerminalRow(Record):
    """A terminal: an open one, or the recording of one that has ended.

    `viewers`: how many watch it now. `bytes`: of the recording.
    """

    id: str
    agent: str
    opened_at: Timestamp
    opened_by: str
    columns: int
    rows: int
    open: bool
    viewers: int = 0
    bytes: int = 0


class OpenTerminal(Request):
    """`session` is that of the browser in which the operator opens it; none for a shell on the host."""

    cmd: Literal["open_terminal"] = "open_terminal"
    agent: AgentName
    columns: Columns = 80
    rows: Lines = 24
    session: int | None = None


class ListTerminals(Request):
    cmd: Literal["terminals"] = "terminals"
    agent: AgentName | None = None


class AttachTerminal(Request):
    """`offset`: how many bytes of its output the viewer has seen; what came since is shown first."""

    cmd: Literal["attach_terminal"] = "attach_terminal"
    id: TerminalId
    offset: Annotated[int, Field(ge=0)] = 0


class TypeInTerminal(Request):
    """`data`: bytes, in base64."""

    cmd: Literal["type_in_terminal"] = "type_in_terminal"
    id: TerminalId
    data: Base64


class ResizeTerminal(Request):
    cmd: Literal["resize_terminal"] = "resize_terminal"
    id: TerminalId
    columns: Columns
    rows: Lines


class CloseTerminal(Request):
    cmd: Literal["close_terminal"] = "close_terminal"
    id: TerminalId


class ReadRecording(Request):
    """A piece of a recording: whole lines from `offset` on, in bytes."""

    cmd: Literal["terminal_recording"] = "terminal_recording"
    id: TerminalId
    offset: Annotated[int, Field(ge=0)] = 0


class TerminalReply(Reply):
    """One terminal. As the first line of a stream: what follows are TerminalFrames."""

    terminal: TerminalRow


class TerminalsReply(ListReply):
    terminals: list[TerminalRow]


class TerminalFrame(Record):
    """A line of the stream: output (`offset` of its first byte and `data` in base64), or the end of the terminal.

    The end has a `reason`, and the exit status of the shell where it was seen. A stream that ends without it was cut
    off because its viewer was too slow: attach again.
    """

    offset: int | None = None
    data: str | None = None
    reason: str | None = None
    exit_status: int | None = None


class RecordingReply(Reply):
    """`text`: lines of asciicast v2. `next`: the offset of what follows; null at the end of what there is."""

    text: str
    next: int | None


OPEN_TERMINAL = Verb("open_terminal", OpenTerminal, TerminalReply, OPERATORS)
TERMINALS = Verb("terminals", ListTerminals, TerminalsReply, OPERATORS)
ATTACH_TERMINAL = StreamVerb("attach_terminal", AttachTerminal, TerminalReply, OPERATORS)
TYPE_IN_TERMINAL = Verb("type_in_terminal", TypeInTerminal, Done, OPERATORS)
RESIZE_TERMINAL = Verb("resize_terminal", ResizeTerminal, Done, OPERATORS)
CLOSE_TERMINAL = Verb("close_terminal", CloseTerminal, Done, OPERATORS)
TERMINAL_RECORDING = Verb("terminal_recording", ReadRecording, RecordingReply, OPERATORS)

VERBS: Rows = (
    OPEN_TERMINAL, TERMINALS, ATTACH_TERMINAL, TYPE_IN_TERMINAL, RESIZE_TERMINAL, CLOSE_TERMINAL, TERMINAL_RECORDING,
)  # fmt: skip
