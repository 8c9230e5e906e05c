"""The state dir is written to and synced, a socket is bound in the run dir, and the lock of the hive is looked at."""

import errno
import os
import socket
import tempfile
from pathlib import Path

from actors.cli.doctor.daemon import runs
from actors.cli.doctor.finding import Finding, Level
from actors.daemon_locks import LOCK, port_lock, refusal
from actors.daemon_settings import DaemonSettings

WRITTEN = b"hive doctor wrote this\n" * 512
"""More than a page: a disk whose last page is taken has space for a few bytes."""

_CAUSES = {
    errno.ENOSPC: ("{place} has no space left", "free disk space there, or set {setting} elsewhere"),
    errno.EDQUOT: ("your disk quota at {place} is used up", "free disk space there, or set {setting} elsewhere"),
    errno.EROFS: ("{place} is mounted read-only", "mount it writable, or set {setting} elsewhere"),
    errno.EACCES: ("you may not write to {place}", "set {setting} to a folder that you may write to"),
    errno.EPERM: ("you may not write to {place}", "set {setting} to a folder that you may write to"),
}


def state_dir(config: DaemonSettings) -> Finding:
    place = nearest(config.state_dir)
    try:
        write_and_sync(place)
    except OSError as error:
        return _trouble("state_dir", place, error)
    return Finding("state_dir", Level.OK, f"{config.state_dir}: a file was written and synced")


def run_dir(config: DaemonSettings) -> Finding:
    place = nearest(config.run_dir)
    try:
        bind_in(place)
    except OSError as error:
        return _trouble("run_dir", place, error)
    # Its length was checked when the settings were read.
    used = len(bytes(config.run_dir))
    return Finding("run_dir", Level.OK, f"{config.run_dir}: a socket was bound; {used} bytes of at most 57")


def lock(config: DaemonSettings) -> Finding:
    refused = refusal(config)
    if refused is None:
        return Finding("lock", Level.OK, "no other hive has the run dir, the state dir or the port")
    who = holder(config)
    if runs(config):
        return Finding("lock", Level.OK, f"held by the hive that runs here, {who}")
    return Finding("lock", Level.BAD, f"{refused.message}: {who}, which does not answer here", refused.hint)


def nearest(folder: Path) -> Path:
    """The folder, or the one above it in which it is going to be made."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def write_and_sync(place: Path) -> None:
    """Write a file as the hive writes its own: whole, synced, put in place by its name. OSError says what refused."""
    with tempfile.NamedTemporaryFile(dir=place, prefix=".hive-doctor-", buffering=0) as file:
        file.write(WRITTEN)
        os.fsync(file.fileno())
        folder = os.open(place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def bind_in(place: Path) -> None:
    """Bind a socket in this folder and take it away again."""
    path = place / f".d{os.getpid()}"
    with socket.socket(socket.AF_UNIX) as sock:
        try:
            sock.bind(str(path))
        finally:
            if path.is_socket():
                path.unlink()


def _trouble(setting: str, place: Path, error: OSError) -> Finding:
    text, hint = _CAUSES.get(
        error.errno or 0, ("cannot write to {place}: " + str(error.strerror or error), "repair it")
    )
    words = {"place": place, "setting": setting}
    return Finding(setting, Level.BAD, text.format(**words), hint.format(**words))


def holder(config: DaemonSettings) -> str:
    """`process 4711 (hive)`: the one that has a lock of a hive, from the kernel's list of locks."""
    files = (config.run_dir / LOCK, config.state_dir / LOCK, port_lock(config.web_port))
    numbers = {f":{path.stat().st_ino}" for path in files if path.exists()}
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if len(words) > 5 and words[1] == "FLOCK" and any(words[5].endswith(number) for number in numbers):
            try:
                return f"process {words[4]} ({Path(f'/proc/{words[4]}/comm').read_text().strip()})"
            except OSError:
                return f"process {words[4]}"
    return "another process"
