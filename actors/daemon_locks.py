"""The locks of a daemon: one for each thing that two daemons cannot share.

These are the state dir, the run dir and the dashboard's port. Promises: a daemon that is refused has made, changed and
deleted nothing; the kernel releases the locks however the process ends. The port's lock tells another hive of this user
from any other program: a program, which may be an agent, that takes the port keeps no hive from starting.
"""

import contextlib
import fcntl
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from actors.daemon_settings import DaemonSettings
from actors.setting_kinds import SettingsError
from harness.wire.errors import HiveError, conflict, unavailable

log = logging.getLogger(__name__)

LOCK = "hive.lock"


@contextlib.contextmanager
def held(config: DaemonSettings) -> Iterator[None]:
    """Hold every lock. Raises `conflict`, with the setting's name, when another hive has one of them."""
    with contextlib.ExitStack() as stack:
        folders = (("run_dir", config.run_dir, 0o755), ("state_dir", config.state_dir, 0o700))
        # What is there is locked before anything is made: a refused daemon leaves no folder behind.
        missing = [one for one in folders if not one[1].is_dir()]
        for setting, folder, _mode in folders:
            if folder.is_dir():
                stack.enter_context(_folder(setting, folder))
        if config.web_port:
            stack.enter_context(_port(config.web_port))
        for setting, folder, mode in missing:
            _make(setting, folder, mode)
            stack.enter_context(_folder(setting, folder))
        yield


def refusal(config: DaemonSettings) -> HiveError | None:
    """Why a daemon would be refused now; None when it would not. Makes nothing: what is not there is not locked."""
    with contextlib.ExitStack() as stack:
        try:
            for setting, folder in (("run_dir", config.run_dir), ("state_dir", config.state_dir)):
                if (folder / LOCK).exists():
                    stack.enter_context(_folder(setting, folder))
            if config.web_port and port_lock(config.web_port).exists():
                stack.enter_context(_port(config.web_port))
        except HiveError as error:
            return error
    return None


def port_lock(port: int) -> Path:
    """The lock file of a port, among this user's: no agent in a container of its own sees it.

    A port belongs to a network namespace: hives in two of them share none.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR") if os.geteuid() else "/run"
    folder = Path(runtime) if runtime and os.access(runtime, os.W_OK) else Path(tempfile.gettempdir())
    network = Path("/proc/self/ns/net").stat().st_ino
    return folder / f"hive-{os.geteuid()}" / f"port-{port}-{network}.lock"


@contextlib.contextmanager
def _folder(setting: str, folder: Path) -> Iterator[None]:
    refusal = conflict(f"a hive already runs on {folder}", f"stop it, or set another {setting}")
    with _locked(folder / LOCK, refusal):
        yield


@contextlib.contextmanager
def _port(port: int) -> Iterator[None]:
    path = port_lock(port)
    refusal = conflict(f"a hive already has web_port {port}", "stop it, or set another web_port")
    reason = _own_folder(path.parent)
    if reason is not None:  # another hive on the port is then seen as any program is: the page waits for the port
        log.warning("no lock for the port port=%s reason=%s", port, reason)
        yield
        return
    with _locked(path, refusal):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)  # while it is locked: a daemon that opened it before looks at its name again


def _own_folder(folder: Path) -> str | None:
    """Make the folder; why it cannot be used, None when it can. It may lie where others write."""
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        status = folder.lstat()
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return None if status.st_uid == os.geteuid() and stat.S_ISDIR(status.st_mode) else f"{folder} is another user's"


def _make(setting: str, folder: Path, mode: int) -> None:
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        hint = f"set {setting} to a folder that you may write to"
        raise SettingsError(f"cannot create {folder}: {error.strerror}", hint) from None


@contextlib.contextmanager
def _locked(path: Path, refusal: HiveError) -> Iterator[None]:
    handle = _open(path)
    try:
        _lock(handle, refusal)
        while not _is_at(handle, path):
            os.close(handle)
            handle = _open(path)
            _lock(handle, refusal)
        yield
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        hint = "the hive needs a disk that it may write to"
        raise unavailable(f"cannot write {path}: {error.strerror}", hint) from None


def _lock(handle: int, refusal: HiveError) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise refusal from None


def _is_at(handle: int, path: Path) -> bool:
    """Whether the file still has its name."""
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False
