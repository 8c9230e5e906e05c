"""The life of the daemon process, from its lock to its exit code.

Owns the state dir's lock, the process's signals and limits. Promises: one daemon per state dir; the first
SIGTERM or SIGINT closes the hive in order (docs/operations.md), the second ends the process at once; 0 for an
end that was asked for, 1 when the tree gave up.
"""

import contextlib
import fcntl
import grp
import logging
import os
import pwd
import resource
import signal
from collections.abc import Callable, Iterator

import gevent

from actors.agent.context import AgentContext
from actors.agent.runtime import selection
from actors.daemon_settings import DaemonSettings
from actors.service import api as service
from actors.service.systemd import SILENT, Notifier
from actors.standard_error import never_failing
from actors.supervision import Directory, Exit, StartFailed, Stop, SystemClock
from actors.tree import ROOT, AppContext, root
from actors.updates import installed
from harness.wire.errors import bad_request, conflict, unavailable

log = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def serve(config: DaemonSettings, *, notifier: Notifier = SILENT, on_ready: Callable[[], None] = lambda: None) -> int:
    """Run the tree until it ends; the exit code. Raises HiveError when it cannot start."""
    with never_failing():
        return _serve(config, notifier, on_ready)


def _serve(config: DaemonSettings, notifier: Notifier, on_ready: Callable[[], None]) -> int:
    logging.basicConfig(level=config.log_level.upper(), format=LOG_FORMAT)
    if config.log_level != "debug":
        logging.getLogger("sh").setLevel(logging.WARNING)  # it logs every git with its whole command line
    _check_accounts(config)
    _raise_file_limit()
    with _lock(config):
        directory = Directory(root=ROOT)
        selected = selection.select(config.runtime)
        agents = AgentContext.of(config, selected.runtime, selected.warning, installed.revision())
        app = AppContext(config, agents, directory, SystemClock(), notifier)
        asked = _Signals(directory)
        try:
            directory.boot(root(app))
        except StartFailed as error:
            raise unavailable(str(error), "the log above says more") from None
        log.info("up state_dir=%s run_dir=%s pid=%s", config.state_dir, config.run_dir, os.getpid())
        notifier.send("READY=1", f"MAINPID={os.getpid()}")
        on_ready()
        ended = directory.wait(ROOT)
        asked.restore()
    log.info("down reason=%s", ended)
    return 0 if asked.count and ended.orderly else 1


class _Signals:
    """First signal: stop in order. Second: at once. Nothing is done in the handler but to say so."""

    def __init__(self, directory: Directory) -> None:
        self.count = 0
        self._directory = directory
        self._handlers = [gevent.signal_handler(number, self._received) for number in (signal.SIGTERM, signal.SIGINT)]

    def _received(self) -> None:
        self.count += 1
        if self.count > 1:
            log.warning("second signal: ending at once")
            os._exit(1)
        if not service.close(self._directory, "asked by a signal"):
            # Its supervisor is about to start it again; the end does not wait for that.
            self._directory.tell(ROOT, Stop(Exit.shutdown("asked by a signal")))

    def restore(self) -> None:
        for handler in self._handlers:
            handler.cancel()


def _check_accounts(config: DaemonSettings) -> None:
    """Refuse a user or group the machine does not know, before anything is started for it."""
    for setting, name, look_up in (
        ("web_user", config.web_user, pwd.getpwnam),
        ("admin_group", config.admin_group, grp.getgrnam),
    ):
        try:
            if name is not None:
                look_up(name)
        except KeyError:
            raise bad_request(f"{setting} is {name!r}, which this machine does not know", "create it first") from None


def _raise_file_limit() -> None:
    """Every client is a file; the soft limit of a login shell is too low for a swarm."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


@contextlib.contextmanager
def _lock(config: DaemonSettings) -> Iterator[None]:
    """Held for the life of the process; the kernel lets go of it however the process ends."""
    try:
        config.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        config.run_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
        handle = os.open(config.state_dir / "hive.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise unavailable(
            f"cannot write {error.filename}: {error.strerror}", "the hive needs a disk that it may write to"
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise conflict(f"a hive already runs on {config.state_dir}", "stop it, or set another state_dir") from None
        yield
    finally:
        os.close(handle)
