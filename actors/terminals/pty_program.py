"""Starts a program on a pseudo-terminal, as the host sees it. A program of its own, standard library only, `-I -S`.

Its argument is JSON: `groups`, the files by which it joins control groups, and `argv`, what it becomes. Standard input
is the pseudo-terminal, which becomes the controlling terminal of the session that it leads.
"""

import contextlib
import fcntl
import json
import os
import sys
import termios
from pathlib import Path


def main() -> None:
    orders = json.loads(sys.argv[1])
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for group in orders["groups"]:
        # A group that is gone belongs to a container that has ended, which the program will find out itself.
        with contextlib.suppress(FileNotFoundError):
            Path(group).write_text(str(os.getpid()))
    os.execvp(orders["argv"][0], orders["argv"])  # noqa: S606 — the program as it was ordered, no shell wanted


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"hive: the terminal cannot be opened: {error.strerror}")
