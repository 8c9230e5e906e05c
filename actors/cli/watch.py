"""The tree on the screen, redrawn whenever the hive says that something happened.

Full-screen once a second too, while somebody looks at it: a room that is stuck says nothing.
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

from actors.cli import output, tree, watch_view
from actors.cli.client import HostClient
from actors.cli.watch_view import Act, View
from harness.wire.errors import HiveError

GATHER_SECONDS = 0.1
"""Events that follow each other this closely share one redraw."""
TICK_SECONDS = 1.0

_CLEAR, _ALTERNATE, _BACK = "\x1b[H\x1b[2J", "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"


def watch_tree(host: HostClient, events: HostClient, *, as_json: bool) -> None:
    """Draw, wait for an event or a key, draw again, until q, Ctrl-C or the end of the hive.

    Full screen on a terminal; elsewhere one tree after the other, and with `as_json` one JSON tree a line.
    """
    events.request("events")
    if as_json or not (sys.stdout.isatty() and sys.stdin.isatty()):
        _print_each(host, events, as_json=as_json)
        return
    with _full_screen() as resized:
        view: View | None = View("hive")
        while view is not None:
            root = host.request("actors")["tree"]
            _draw(host, view, root)
            view = _next(host, events, resized, view, root)


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


def _draw(host: HostClient, view: View, root: dict[str, Any]) -> None:
    size = shutil.get_terminal_size()
    stack = stack_of(host, view.path) if view.details else []
    lines = watch_view.draw(view, root, stack, size.lines, f"{datetime.now().astimezone():%H:%M:%S}")
    # Lines are cut by the terminal itself: wrapping is switched off for the frame.
    click.echo(f"{_CLEAR}\x1b[?7l" + "\n".join(lines) + "\x1b[?7h", nl=False, color=True)
    sys.stdout.flush()


def stack_of(host: HostClient, path: str) -> list[str]:
    """Where a room stands; nothing when it does not run."""
    try:
        lines: list[str] = host.request("actor_stack", path=path)["lines"]
    except HiveError:
        return []
    return lines


def _next(host: HostClient, events: HostClient, resized: int, view: View, root: dict[str, Any]) -> View | None:
    """The next view, after an event, a key or a second; None when the operator wants to leave."""
    ready, _, _ = select.select([events, sys.stdin, resized], [], [], TICK_SECONDS)
    if resized in ready:
        os.read(resized, 1024)
    if events in ready:
        _take_all(events)
    if sys.stdin not in ready:
        return view
    view, act = watch_view.press(view, os.read(sys.stdin.fileno(), 1024), tree.paths(root))
    if act is Act.QUIT:
        return None
    return _restart(host, view) if act is Act.RESTART else view


def _restart(host: HostClient, view: View) -> View:
    try:
        host.request("restart_actor", path=view.path)
    except HiveError as error:
        return replace(view, said=output.one_line(error.message))
    return replace(view, said=f"{view.path} was ended")


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
