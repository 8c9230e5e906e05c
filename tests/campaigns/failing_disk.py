"""A small file system of its own, on a file, that can fail as a dying disk does."""

import os
import subprocess
import tempfile
from pathlib import Path

MEGABYTES = 96


class FailingDisk:
    """Use as a context manager; `place` is where it is mounted."""

    def __init__(self):
        self.place = tempfile.mkdtemp(prefix="hive-")
        descriptor, self.file = tempfile.mkstemp(prefix="hive-disk-")
        os.truncate(descriptor, MEGABYTES << 20)
        os.close(descriptor)
        run("mkfs.ext4", "-q", self.file)
        self.device = run("losetup", "--find", "--show", self.file)

    def __enter__(self):
        self.mount()
        return self

    def __exit__(self, *_):
        self.unmount()
        run("losetup", "--detach", self.device)
        os.unlink(self.file)
        os.rmdir(self.place)

    def mount(self):
        run("mount", "-o", "errors=remount-ro", self.device, self.place)

    def unmount(self):
        run("umount", self.place)

    def settle(self):
        """Everything written so far is on the disk; what is written from now on is there only after an fsync."""
        run("sync", "--file-system", self.place)

    def fail(self):
        """The kernel has met an error on it, and makes it read-only, also for processes with files open there."""
        Path("/sys/fs/ext4", Path(self.device).name, "trigger_fs_error").write_text("a test")

    def repair(self):
        """Checked and mounted again. No process may have a file open there."""
        self.unmount()
        # A container that another test just starts may hold a copy of the mount for a moment: this device would then
        # give the old file system again, read-only as it is.
        run("losetup", "--detach", self.device)
        self.device = run("losetup", "--find", "--show", self.file)
        # fsck exits with 1 when it has repaired something.
        subprocess.run(["fsck.ext4", "-f", "-y", self.device], check=False, capture_output=True)
        self.mount()

    def remount(self, mode):
        """`ro` or `rw`; the kernel refuses `ro` while a file is open for writing."""
        run("mount", "-o", f"remount,{mode}", self.place)


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout.strip()
