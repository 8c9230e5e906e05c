"""A log on a full disk blocks no greenlet."""

import io
import sys
from contextlib import redirect_stderr

import gevent
import pytest

from actors.standard_error import NeverFailing, never_failing


class FullDisk(io.StringIO):
    full = True

    def write(self, text):
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)

    def flush(self):
        self.write("")


def fail():
    raise ValueError("the reason")


def test_whoever_waits_for_a_native_thread_is_told_of_its_failure_though_nobody_can_write_it_down():
    disk = FullDisk()
    with redirect_stderr(disk):
        with never_failing(), gevent.Timeout(10), pytest.raises(ValueError, match="the reason"):
            gevent.get_hub().threadpool.apply(fail)
        assert sys.stderr is disk


def test_what_is_said_is_lost_only_while_the_disk_is_full():
    disk = FullDisk()
    stream = NeverFailing(disk)
    print("lost", file=stream, flush=True)
    disk.full = False
    print("kept", file=stream, flush=True)
    assert disk.getvalue() == "kept\n"
    assert not stream.isatty()
