"""`hive chaos` on a rehearsal hive ends with all promises held."""

import contextlib
import json
import os
import signal
import subprocess
import sys

import psutil
import pytest

from actors.cli.chaos.moved_clock import MODULE
from tests.campaigns.real_hive import ROOT, RealHive
from tests.needs import needs
from tests.torture import FULL, count

AGENTS = [f"a{number}" for number in range(9 if FULL else 1)]
SECONDS_TO_END = 60
SECONDS = count(quick=7, full=120)


def chaos(hive, *arguments):
    argv = [sys.executable, "-m", "actors.cli", "chaos", "--config", str(hive.file), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=900, cwd=ROOT)


class JumpingHive(RealHive):
    """Its daemon's clock can be moved."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.argv = [sys.executable, "-m", MODULE, str(self.folder / "clock"), "serve", "--config", str(self.file)]


@contextlib.contextmanager
def the_daemon_at_the_end(hive):
    """Ends the daemon that a campaign has started in the place of the one it killed."""
    try:
        yield
    finally:
        last = hive.ask("about")["pid"]
        if last != hive.daemon.pid:
            hive.remember()
            hive.ask("stop", scope={"agent_names": hive.ask("list")["agents"]}, graceful=False)
            os.kill(last, signal.SIGTERM)
            psutil.Process(last).wait(SECONDS_TO_END)


@needs("bwrap")
@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(1200)
def test_chaos_ends_with_all_promises_held():
    with JumpingHive(web=True) as hive, the_daemon_at_the_end(hive):
        hive.spawn(*AGENTS)
        done = chaos(hive, "--seconds", str(SECONDS), "--seed", "7", "--kill-daemon", "--json")
        assert done.stdout, done.stderr
        report = json.loads(done.stdout)
        assert [one for one in report["promises"] if not one["held"]] == []
        assert done.returncode == 0
        assert report["acknowledged"] > 0
        assert len(report["actions"]) >= (SECONDS / 3 if FULL else 1)
    told = {
        name: report[name] for name in ("seed", "hits", "acknowledged", "refused", "unclear", "settled_after_seconds")
    }
    print(f"chaos for {SECONDS} s with {len(AGENTS) + 1} agents: {told}")
