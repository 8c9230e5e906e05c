"""The clocks: a wall clock that is wrong makes reminders, logins and certificates wrong."""

import ctypes
import os
import tempfile
import time
from pathlib import Path

from actors.cli.doctor.finding import Finding, Level
from actors.cli.doctor.folders import nearest
from actors.daemon_settings import DaemonSettings

TOLERANCE_SECONDS = 60.0
FAST_SECONDS = 5.0
"""How far the time of a file that is written now may be from the clock."""
TIME_ERROR = 5
"""What adjtimex returns while nothing keeps the clock in step (Linux, `adjtimex(2)`)."""
_TIMEX_BYTES = 512


def clock(config: DaemonSettings) -> Finding:
    now = time.time()
    newest, which = newest_of_ours(config)
    if newest - now > TOLERANCE_SECONDS:
        text = f"the clock is behind by at least {newest - now:.0f} s: {which} was written at {_at(newest)}"
        return Finding("clock", Level.BAD, text, "set the clock (`timedatectl set-ntp true`), then restart the hive")
    if (apart := file_time_apart(nearest(config.state_dir))) is not None and abs(apart) > FAST_SECONDS:
        text = f"files in {config.state_dir} get a time that is {apart:+.0f} s from the clock"
        return Finding("clock", Level.WARN, text, "set the clock of the machine that holds the files")
    slept = time.clock_gettime(time.CLOCK_BOOTTIME) - time.monotonic()
    words = [_at(now), "kept in step" if is_in_step() else "kept in step by nothing the kernel knows of"]
    words += [f"slept for {slept:.0f} s since its boot"] if slept > 1 else []
    return Finding("clock", Level.OK, ", ".join(words))


def newest_of_ours(config: DaemonSettings) -> tuple[float, Path]:
    """The latest time that a file of hive itself or of this hive has, and which file: no clock was ever before it."""
    ours = [Path(__file__), *(config.state_dir / "db").glob("*.sqlite*"), config.token_file]
    found = []
    for path in ours:
        try:
            found.append((path.stat().st_mtime, path))
        except OSError:
            continue
    return max(found)


def file_time_apart(place: Path) -> float | None:
    """Seconds by which the time of a file that is written now is after the clock; None where none can be written."""
    try:
        with tempfile.NamedTemporaryFile(dir=place, prefix=".hive-doctor-") as file:
            return os.fstat(file.fileno()).st_mtime - time.time()
    except OSError:
        return None


def is_in_step() -> bool:
    """Whether the kernel knows of a program that keeps the clock in step with the world's."""
    return ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) not in (-1, TIME_ERROR)


def _at(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
