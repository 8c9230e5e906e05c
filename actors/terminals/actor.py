"""One open terminal: a shell in a container, its output kept, recorded and shown to every viewer.

Owns the shell, the scrollback, the recording and the viewers. Promises: viewers come and go without an effect on the
shell; what a viewer sees is in the recording before; the shell ends with the terminal. Emits `terminal`.
"""

from typing import Any

from actors.agent.runtime import Watch
from actors.events import emit
from actors.supervision import Actor, Clock, Directory, Exit, Promise, Timer
from actors.terminals import messages as m
from actors.terminals.recording import Recording
from actors.terminals.scrollback import Scrollback
from actors.terminals.session import Session
from actors.terminals.shell import Shell
from actors.terminals.viewer import Ended, Output, Viewer
from harness.wire.errors import conflict
from harness.wire.operator_api.terminals import TerminalRow

PACE_SECONDS = 0.01
"""Between two reads: a program that prints without end gets 6 MB/s, and the rest of the hive its turn."""
LAST_READS = 16
"""How often a terminal whose shell has ended is read before it is closed."""
UNWATCHED_SECONDS = 1_800.0
"""How long a terminal that nobody watches stays open."""


class TerminalActor(Actor):
    """Messages are in `messages.py`."""

    kind = "process"

    def __init__(self, session: Session, *, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._session = session
        self._directory = directory
        self._size = session.size
        self._scrollback = Scrollback()
        self._viewers: dict[Viewer, None] = {}
        self._shell: Shell | None = None
        self._container: Watch | None = None
        self._recording: Recording | None = None
        self._began = 0.0
        self._reason = ""
        self._closing: list[Promise[None]] = []
        self._unwatched: Timer | None = None

    def on_start(self) -> None:
        session = self._session
        self._began = self.clock.monotonic()
        self._recording = Recording(
            session.recording,
            size=session.size,
            opened_ms=session.opened_ms,
            opened_by=session.opened_by,
            agent=session.agent,
        )
        self._shell = Shell(
            session.order,
            session.size,
            on_readable=lambda: self.tell_self(m.Readable()),
            on_end=lambda: self.tell_self(m.ShellEnded()),
        )
        self._container = session.watch_container(lambda: self.tell_self(m.ContainerEnded()))
        self.pid = self._shell.pid
        self._watch_viewers()
        emit(self._directory, "terminal", self._row().as_frame())

    def on_stop(self) -> None:
        self._finish("the hive stops")

    def on_crash(self, exit_reason: Exit) -> None:  # noqa: ARG002 — it ends in one way, whatever the reason
        self._finish("the terminal has crashed")

    def state_word(self) -> str:
        return f"{self._session.agent}, {len(self._viewers)} watching"

    def handle(self, message: object) -> Any:
        match message:
            case m.Readable():
                self._read()
            case m.Input(data):
                self._type(data)
            case m.Resize(size):
                self._resize(size)
            case m.Attach(offset):
                return self._attach(offset)
            case m.Detach(viewer) if isinstance(viewer, Viewer):
                viewer.close()
                self._viewers.pop(viewer, None)
                self._watch_viewers()
            case m.Describe():
                return self._row()
            case m.Close():
                return self._close("closed by the operator")
            case m.Idle():
                self._close(f"nobody watched it for {UNWATCHED_SECONDS / 60:.0f} minutes")
            case m.ContainerEnded():
                self._close("its container has ended")
            case m.ShellEnded():
                self._ended()
        return None

    # ---- output -------------------------------------------------------------------------------------

    def _read(self) -> None:
        if self._shell is None or self._recording is None:
            return
        data = self._shell.read()
        if not data:  # nobody has the other end: the end of the shell follows
            return
        self._show(data)
        if self._recording.full:
            self._show(b"\r\n[hive: the recording of this terminal is full, the terminal ends]\r\n")
            self._close("its recording is full")
            return
        self.tell_after(PACE_SECONDS, m.Readable()) if len(data) > 4096 else self._shell.await_output()

    def _show(self, data: bytes) -> None:
        assert self._recording is not None
        self._recording.output(self._seconds(), data)
        frame = Output(self._scrollback.end, data)
        self._scrollback.append(data)
        for viewer in self._viewers:
            viewer.offer(frame)
        for viewer in [one for one in self._viewers if one.closed]:
            del self._viewers[viewer]

    def _attach(self, offset: int) -> Viewer:
        viewer = Viewer()
        begin, data = self._scrollback.since(offset)
        viewer.offer(Output(begin, data))
        self._viewers[viewer] = None
        self._watch_viewers()
        return viewer

    def _watch_viewers(self) -> None:
        """A terminal that nobody watches ends in its time."""
        if self._unwatched is not None:
            self._unwatched.cancel()
        self._unwatched = None if self._viewers else self.tell_after(UNWATCHED_SECONDS, m.Idle())

    # ---- input --------------------------------------------------------------------------------------

    def _type(self, data: bytes) -> None:
        if self._shell is None:
            raise conflict("this terminal has ended")
        self._shell.write(data)

    def _resize(self, size: m.Size) -> None:
        if self._shell is None or self._recording is None or size == self._size:
            return
        self._size = size
        self._shell.resize(size)
        self._recording.resized(self._seconds(), size)

    # ---- the end ------------------------------------------------------------------------------------

    def _close(self, reason: str) -> Promise[None]:
        done: Promise[None] = self.promise()
        self._reason = self._reason or reason
        self._closing.append(done)
        if self._shell is not None:
            self._shell.hang_up()
            self.tell_after(2.0, m.ShellEnded())  # a shell that ignores it is killed
        return done

    def _ended(self) -> None:
        if self._shell is None:
            return
        for _ in range(LAST_READS):  # what the shell left running may print for ever
            data = b"" if self._recording is None or self._recording.full else self._shell.read()
            if not data:
                break
            self._show(data)
        self._finish(self._reason or "the shell has ended")
        self.exit(Exit.normal(self._reason))

    def _finish(self, reason: str) -> None:
        shell, self._shell = self._shell, None
        status = None
        if shell is not None:
            status = shell.exit_status()
            shell.end()
        if self._container is not None:
            self._container.cancel()
        if self._recording is not None:
            self._recording.close()
            self._recording = None
        for viewer in self._viewers:
            viewer.offer(Ended(status, reason))
            viewer.close()
        self._viewers.clear()
        for done in self._closing:
            done.set(None)
        emit(self._directory, "terminal", self._row().as_frame() | {"open": False, "ended": reason})

    def _seconds(self) -> float:
        return self.clock.monotonic() - self._began

    def _row(self) -> TerminalRow:
        return self._session.row(open=self._shell is not None, viewers=len(self._viewers), size=self._size)
