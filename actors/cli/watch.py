"""The tree redrawn whenever the hive says that something happened. Nothing is polled."""

import os
import select
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click

from actors.cli import output, tree
from actors.cli.client import HostClient

GATHER_SECONDS = 0.1
"""Events that follow each other this closely share one redraw."""

_CLEAR, _ALTERNATE, _BACK = "\x1b[H\x1b[2J", "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def watch_tree(host: HostClient, events: HostClient, *, as_json: bool) -> None:
    """Draw, wait for an event, draw again, until q, Ctrl-C or the end of the hive.

    Full screen on a terminal; elsewhere one tree after the other, and with `as_json` one JSON tree a line.
    """
    events.request("events")
    if as_json or not (sys.stdout.isatty() and sys.stdin.isatty()):
        _print_each(host, events, as_json=as_json)
        return
    with _full_screen() as resized:
        while True:
            _draw(host)
            if not _event_came(events, resized):
                return


def _print_each(host: HostClient, events: HostClient, *, as_json: bool) -> None:
    while True:
        root = host.request("actors")["tree"]
        if as_json:
            output.print_json_line(root)
        else:
            click.echo(tree.render(root) + "\n")
            sys.stdout.flush()
        select.select([events], [], [])
        _take_all(events)


def _draw(host: HostClient) -> None:
    size = shutil.get_terminal_size()
    lines = tree.render(host.request("actors")["tree"]).splitlines()[: size.lines - 2]
    foot = click.style(f"as of {datetime.now().astimezone():%H:%M:%S}, redrawn on events; q quits", dim=True)
    # Lines are cut by the terminal itself: wrapping is switched off for the frame.
    click.echo(f"{_CLEAR}\x1b[?7l" + "\n".join([*lines, "", foot]) + "\x1b[?7h", nl=False, color=True)
    sys.stdout.flush()


def _event_came(events: HostClient, resized: int) -> bool:
    """Wait; False when the operator wants to leave."""
    ready, _, _ = select.select([events, sys.stdin, resized], [], [])
    if sys.stdin in ready and os.read(sys.stdin.fileno(), 1024).lower().startswith((b"q", b"\x1b", b"\x04")):
        return False
    if resized in ready:
        os.read(resized, 1024)
    if events in ready:
        _take_all(events)
    return True


def _take_all(events: HostClient) -> None:
    # One event seldom comes alone: a restart is five of them.
    wait = GATHER_SECONDS
    while events.waiting(wait) is not None:
        wait = 0.0


@contextmanager
def _full_screen() -> Iterator[int]:
    """The alternate screen and single keys; yields a file descriptor that is readable when the window changed."""
    before = termios.tcgetattr(sys.stdin)
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    old_fd = signal.set_wakeup_fd(writing)
    old_handler = signal.signal(signal.SIGWINCH, lambda *_: None)
    try:
        tty.setcbreak(sys.stdin)
        sys.stdout.write(_ALTERNATE)
        yield reading
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
        sys.stdout.write(_BACK)
        sys.stdout.flush()
        signal.signal(signal.SIGWINCH, old_handler)
        signal.set_wakeup_fd(old_fd)
        os.close(reading)
        os.close(writing)
