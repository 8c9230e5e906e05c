"""`hive actors --watch`: the tree on the screen, redrawn after every event of the hive.

On a full screen it is redrawn every second too: an actor that is stuck emits no event.
"""

import os
import select
import shutil
import signal
import sys
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import click

from actors.cli import output
from actors.cli.client import DaemonClient
from actors.cli.tree import screen, table
from actors.cli.tree.screen import Action, View
from harness.wire.errors import HiveError

GATHER_SECONDS = 0.1
"""Events that follow each other this closely share a redraw."""
TICK_SECONDS = 1.0

_CLEAR, _ALTERNATE, _BACK = "\x1b[H\x1b[2J", "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def watch_tree(daemon: DaemonClient, events: DaemonClient, *, as_json: bool) -> None:
    """Draw the tree after every event and key, until q, Ctrl-C or the end of the daemon.

    On a terminal it fills the screen; elsewhere the trees follow each other, with `as_json` one per line.
    """
    events.request("events")
    if as_json or not (sys.stdout.isatty() and sys.stdin.isatty()):
        _print_each(daemon, events, as_json=as_json)
        return
    with _full_screen() as resized:
        view: View | None = View("hive")
        while view is not None:
            root = daemon.request("actors")["tree"]
            _draw(daemon, view, root)
            view = _next(daemon, events, resized, view, root)


def _print_each(daemon: DaemonClient, events: DaemonClient, *, as_json: bool) -> None:
    while True:
        root = daemon.request("actors")["tree"]
        if as_json:
            output.print_json_line(root)
        else:
            click.echo(table.render(root) + "\n")
            sys.stdout.flush()
        select.select([events], [], [])
        _take_all(events)


def _draw(daemon: DaemonClient, view: View, root: dict[str, Any]) -> None:
    size = shutil.get_terminal_size()
    stack = _stack(daemon, view.path) if view.details else []
    lines = screen.draw(view, root, stack, size.lines, f"{datetime.now().astimezone():%H:%M:%S}")
    # Lines are cut by the terminal itself: wrapping is switched off for the frame.
    click.echo(f"{_CLEAR}\x1b[?7l" + "\n".join(lines) + "\x1b[?7h", nl=False, color=True)
    sys.stdout.flush()


def _stack(daemon: DaemonClient, path: str) -> list[str]:
    """The stack of an actor; empty when it does not run."""
    try:
        lines: list[str] = daemon.request("actor_stack", path=path)["lines"]
    except HiveError:
        return []
    return lines


def _next(daemon: DaemonClient, events: DaemonClient, resized: int, view: View, root: dict[str, Any]) -> View | None:
    """The next view, after an event, a key or a second; None when the operator leaves."""
    ready, _, _ = select.select([events, sys.stdin, resized], [], [], TICK_SECONDS)
    if resized in ready:
        os.read(resized, 1024)
    if events in ready:
        _take_all(events)
    if sys.stdin not in ready:
        return view
    view, action = screen.press(view, os.read(sys.stdin.fileno(), 1024), table.paths(root))
    if action is Action.QUIT:
        return None
    return _restart(daemon, view) if action is Action.RESTART else view


def _restart(daemon: DaemonClient, view: View) -> View:
    try:
        daemon.request("restart_actor", path=view.path)
    except HiveError as error:
        return replace(view, notice=output.one_line(error.message))
    return replace(view, notice=f"{view.path} was ended")


def _take_all(events: DaemonClient) -> None:
    # A restart alone is five events.
    wait = GATHER_SECONDS
    while events.waiting(wait) is not None:
        wait = 0.0


@contextmanager
def _full_screen() -> Iterator[int]:
    """The alternate screen and single keys; yields a file descriptor that a change of the window makes readable."""
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
