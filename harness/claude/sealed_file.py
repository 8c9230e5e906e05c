"""A text that Claude Code reads as a file and that no process of the agent can change.

The system prompt goes this way: one argument of a command line holds at most 128 KiB.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


@contextmanager
def sealed_file(name: str, text: str) -> Iterator[int]:
    """The descriptor of a file in memory that holds `text`, to be inherited; closed at the end."""
    handle = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(os.dup(handle), "wb") as file:
            file.write(text.encode(errors="replace"))
        fcntl.fcntl(handle, fcntl.F_ADD_SEALS, _SEALS)
        yield handle
    finally:
        os.close(handle)


def path_of(handle: int) -> str:
    """The path under which a process that has inherited the descriptor opens the file from its beginning."""
    return f"/proc/self/fd/{handle}"
