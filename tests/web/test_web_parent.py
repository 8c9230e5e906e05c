"""The web process ends with the daemon, also when the daemon is killed and the web process is another user by then."""

import os
import select
import subprocess
import sys

from actors.supervision.processes import die_with_parent
from tests.needs import needs_root
from tests.waiting import SECONDS

WEB = """
import os, sys
from web.parent import parents_signal_kept
with parents_signal_kept():
    os.setresuid(65534, 65534, 65534)
print(os.getpid(), flush=True)
sys.stdin.read()
"""
DAEMON = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-I", "-S", sys.argv[1], str(os.getpid()), sys.executable, sys.executable, "-c", sys.argv[2]])
child.wait()
"""


@needs_root
def test_a_process_that_became_another_user_is_killed_with_its_parent():
    argv = [sys.executable, "-c", DAEMON, die_with_parent.__file__, WEB]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as daemon:
        pidfd = os.pidfd_open(int(daemon.stdout.readline()))
        try:
            daemon.kill()
            ended, _, _ = select.select([pidfd], [], [], SECONDS)
            assert ended, "it has outlived its parent"
        finally:
            os.close(pidfd)
