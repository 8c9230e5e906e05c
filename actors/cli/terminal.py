"""The operator's own terminal as the screen and keyboard of one in a container, and as the screen of a recording."""

import base64
import contextlib
import json
import os
import select
import signal
import sys
import termios
import time
import tty
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from actors.cli import output
from actors.cli.client import ConnectionClosedError, DaemonClient
from harness.wire.errors import HiveError, bad_request

LEAVE = b"\x1d"
"""Ctrl-], as of telnet: no program inside wants it."""
READ_BYTES = 16 * 1024
RESET = "\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m\r"
"""The main screen, a visible cursor, no reports of the mouse: whatever the program inside left switched on."""


def screen_size() -> tuple[int, int]:
    """Columns and rows of this terminal."""
    size = os.get_terminal_size(0) if os.isatty(0) else os.terminal_size((80, 24))
    return min(max(size.columns, 2), 500), min(max(size.lines, 1), 300)


def watch(socket: Path, id_: str) -> None:
    """Show an open terminal until it ends or the operator leaves it."""
    if not os.isatty(0):
        raise bad_request("a terminal is opened from a terminal", "run it without a pipe")
    said, offset = None, 0
    with DaemonClient(socket) as keys, _raw(), _resizes() as resized:
        _resize(keys, id_)
        while said is None:  # a screen that was too slow is cut off, and goes on from where it is
            said, offset = _follow(socket, keys, id_, resized, offset)
    click.echo(f"{RESET}[{output.plain(said)}]")


def _follow(socket: Path, keys: DaemonClient, id_: str, resized: int, offset: int) -> tuple[str | None, int]:
    """Why it ended, for the operator, None when this screen was cut off; and how much of it was shown."""
    with DaemonClient(socket) as screen:
        screen.request("attach_terminal", id=id_, offset=offset)
        while True:
            try:
                while (frame := screen.waiting()) is not None:  # before the wait: a frame may have come with another
                    if frame["data"] is None:
                        return str(frame["reason"]), offset
                    data = base64.b64decode(frame["data"])
                    _write(data)
                    offset = frame["offset"] + len(data)
            except ConnectionClosedError:
                return None, offset
            ready = select.select([0, screen.fileno(), resized], [], [])[0]
            if resized in ready:
                os.read(resized, 512)
                _resize(keys, id_)
            if 0 in ready:
                data = os.read(0, READ_BYTES)
                if not data or LEAVE in data:
                    return f"left open: hive terminal attach {id_}", offset
                keys.request("type_in_terminal", id=id_, data=base64.b64encode(data).decode())


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def _resize(keys: DaemonClient, id_: str) -> None:
    columns, rows = screen_size()
    with contextlib.suppress(HiveError):  # it ends just now, which the output tells
        keys.request("resize_terminal", id=id_, columns=columns, rows=rows)


@contextlib.contextmanager
def _raw() -> Iterator[None]:
    """Every key goes to the program inside, Ctrl-C too."""
    before = termios.tcgetattr(0)
    tty.setraw(0, termios.TCSADRAIN)  # what is typed already counts
    try:
        yield
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)


@contextlib.contextmanager
def _resizes() -> Iterator[int]:
    """A descriptor that can be read when this terminal has another size."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.signal(signal.SIGWINCH, lambda *_: None)
    wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(wakeup)
        signal.signal(signal.SIGWINCH, before)
        os.close(reading)
        os.close(writing)


def play_recording(pieces: Iterable[str], *, speed: float, idle: float) -> None:
    """Show what a recording shows, at its pace."""
    at = 0.0
    lines = (line for piece in pieces for line in piece.split("\n") if line)
    next(lines, None)
    try:
        for line in lines:
            try:
                seconds, kind, data = json.loads(line)
            except ValueError:  # cut off when the daemon was killed
                break
            if kind == "o":
                time.sleep(min(max(seconds - at, 0.0), idle) / speed)
                sys.stdout.write(data)
                sys.stdout.flush()
            at = seconds
    except KeyboardInterrupt:
        pass
    click.echo(f"{RESET}\n[end of the recording]")
