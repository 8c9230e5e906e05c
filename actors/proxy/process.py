"""The `hive-proxy` process as an actor: each process has a socket of its own for its orders, and is told everything."""

import logging
import sys
from pathlib import Path

from gevent.socket import AF_UNIX, SOCK_SEQPACKET, socketpair
from pydantic import ValidationError

from actors.proxy.messages import SOCKETS, HostReported, ProcessStarted
from actors.supervision import Clock, Directory, ProcessActor
from harness.wire.proxy import HostReport

log = logging.getLogger(__name__)


class ProxyProcess(ProcessActor):
    """`uid` is the user that it becomes when the daemon is root."""

    def __init__(self, *, log_file: Path, uid: int | None, directory: Directory, clock: Clock) -> None:
        argv = [sys.executable, "-P", "-m", "harness.proxy.main"]
        if uid is not None:
            argv += ["--uid", str(uid)]
        super().__init__(argv, stdout=self._reported, stderr=log_file, clock=clock)
        self._directory = directory

    def on_start(self) -> None:
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
        try:
            self.stdin = theirs.fileno()
            super().on_start()
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        if not self._directory.tell(SOCKETS, ProcessStarted(ours)):
            ours.close()

    def _reported(self, line: bytes) -> None:
        """A line of the process, in the hub."""
        try:
            report = HostReport.model_validate_json(line)
        except ValidationError:
            log.warning("the proxy said what is no report line=%r", line[:200])
            return
        self._directory.tell(SOCKETS, HostReported(report))
