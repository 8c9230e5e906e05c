"""Where the tests write: into memory, where no test waits for a disk.

A test starts a whole hive in a folder of its own: databases that sync every commit, repositories of hundreds of small
files. On a disk, writing, syncing and removing them takes a third of all the time of the tests.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
DISK = "/var/tmp"
"""For the few tests that need what only a file system of a disk does."""

MIN_FREE_BYTES = 2 << 30
"""What must be free there. A container of a CI often has only 64 MB of it: then the tests use the disk."""


def choose_folder() -> None:
    """Make it the folder for temporary files of this process and of those below it, unless TMPDIR names one."""
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return
    if shutil.disk_usage(MEMORY).free >= MIN_FREE_BYTES:
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is asked for again
