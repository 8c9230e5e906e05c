"""The process `hive-proxy`: a keeper of the agents' sockets that outlives the daemon, and a worker that serves them.

It binds its control socket, leaves the daemon (a session of its own, no child of it) and, with `--uid`, becomes that
user, before it is told of any agent. Settings and keys come over the control socket and are in its memory only.
"""

import argparse
import encodings.idna  # noqa: F401 — loaded now: after the change of user its file may be out of reach
import logging
import os
import socket
from pathlib import Path

from harness.proxy.keeper import Keeper
from harness.proxy.log_file import BoundedLog, open_both
from harness.proxy.removal import Removal
from harness.proxy.rights import give_up_rights, raise_file_limit

UP = b"up\n"
"""On standard output, when the control socket takes connections."""


def main() -> None:
    """Returns in the process that was started; the proxy itself goes on in a child, unless `--foreground`."""
    parser = argparse.ArgumentParser("hive-proxy", description=__doc__)
    parser.add_argument("--control", type=Path, required=True, help="the path of the control socket")
    parser.add_argument("--daemon-uid", type=int, required=True, help="the user of the daemon")
    parser.add_argument("--revision", help="of the hive it is started from")
    parser.add_argument("--log", type=Path, help="where it writes after the start")
    parser.add_argument("--uid", type=int, help="become this user, when started by root")
    parser.add_argument("--foreground", action="store_true", help="stay a child of the caller")
    arguments = parser.parse_args()
    lines = BoundedLog()
    logging.basicConfig(handlers=[lines], level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    raise_file_limit()
    log, older = (None, None) if arguments.log is None else open_both(arguments.log)
    control = _listen(arguments.control)
    if not arguments.foreground:
        _detach()
    removal = Removal(arguments.control)
    keeper = Keeper(
        control,
        removed=removal.seen,
        removal=removal.descriptor,
        daemon_uid=arguments.daemon_uid,
        revision=arguments.revision,
        kept=older,
    )
    give_up_rights(arguments.uid)
    control.listen()  # last: who connects reads the user and the pid of this moment
    os.chdir("/")
    os.write(1, UP)
    _leave_streams(log)
    if older is not None:
        lines.keep(older)
    keeper.run()


def _listen(path: Path) -> socket.socket:
    """For the daemon's user alone."""
    control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    before = os.umask(0o177)
    try:
        control.bind(str(path))
    finally:
        os.umask(before)
    return control


def _detach() -> None:
    """Go on in a child that nobody waits for; the caller sees this process end when the child has its session."""
    if os.fork():
        os._exit(0)
    os.setsid()


def _leave_streams(file: int | None) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    os.dup2(null if file is None else file, 2)
    for one in (null, file):
        if one is not None and one > 2:
            os.close(one)


if __name__ == "__main__":
    main()
