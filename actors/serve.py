"""The life of the daemon process, from its lock to its exit code.

Owns the daemon's locks, the process's signals and limits. Promises: one daemon per state dir, run dir and port; the
first SIGTERM, SIGINT or SIGHUP closes the hive in order (docs/operations.md), a second SIGTERM or SIGINT ends the
process at once; 0 for an end that was asked for, 1 when the tree gave up.
"""

import contextlib
import grp
import logging
import os
import pwd
import resource
import signal
from collections.abc import Callable

import gevent

from actors import daemon_locks
from actors.agent.context import AgentContext
from actors.agent.runtime import selection
from actors.daemon_settings import DaemonSettings
from actors.service import api as service
from actors.service.systemd import SILENT, Notifier
from actors.standard_error import never_failing
from actors.supervision import Directory, Exit, StartFailed, Stop, SystemClock
from actors.tree import ROOT, AppContext, root
from actors.updates import installed
from harness.wire.errors import bad_request, unavailable

log = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def _nothing() -> None:
    """Neither prepare nor tell."""


def serve(
    config: DaemonSettings,
    *,
    notifier: Notifier = SILENT,
    prepare: Callable[[], None] = _nothing,
    on_ready: Callable[[], None] = _nothing,
    on_page: Callable[[str | None], None] = lambda _trouble: None,
) -> int:
    """Run the tree until it ends; the exit code. Raises HiveError when it cannot start.

    `prepare` is called when the locks are held, before anything else is done; `on_ready` when the tree is up; `on_page`
    with None when the dashboard answers, and with a sentence when its port is taken.
    """
    with never_failing():
        return _serve(config, notifier, prepare, on_ready, on_page)


def _serve(
    config: DaemonSettings,
    notifier: Notifier,
    prepare: Callable[[], None],
    on_ready: Callable[[], None],
    on_page: Callable[[str | None], None],
) -> int:
    logging.basicConfig(level=config.log_level.upper(), format=LOG_FORMAT)
    if config.log_level != "debug":
        logging.getLogger("sh").setLevel(logging.WARNING)  # it logs every git with its whole command line
    _check_accounts(config)
    _raise_file_limit()
    with daemon_locks.held(config):
        prepare()
        directory = Directory(root=ROOT)
        selected = selection.select(config.runtime)
        agents = AgentContext.of(config, selected.runtime, selected.warning, installed.revision())
        app = AppContext(config, agents, directory, SystemClock(), notifier, on_page)
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
    """First signal: stop in order. Second: at once. Nothing is done in the handler but to say so.

    SIGHUP, the end of the terminal, is no second signal: a shell sends another one. `nohup` is respected.
    """

    def __init__(self, directory: Directory) -> None:
        self.count = 0
        self._directory = directory
        self._handlers = [gevent.signal_handler(number, self._received) for number in (signal.SIGTERM, signal.SIGINT)]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            self._handlers.append(gevent.signal_handler(signal.SIGHUP, self._hung_up))

    def _hung_up(self) -> None:
        if not self.count:
            self._received()

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
