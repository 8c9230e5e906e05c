"""A whole harness as the daemon starts it: the real program, the real CLI, a rehearsal model, a fake daemon."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from harness.rehearsal.script import Rule, load
from harness.rehearsal.server import Rehearsal
from tests.harness.fake_daemon import FakeDaemon
from tests.harness.outside import Outside
from tests.waiting import SECONDS


def rules(*tables, include="default"):
    """Rules given as the dicts a TOML file would hold, before those of a script."""
    return [Rule.model_validate(table) for table in tables] + load(include)


class Rig:
    """Everything of one agent below one folder. Use as a context manager: it ends what it started."""

    def __init__(self, folder: Path, script, *, name="alice", role="agent", config=None, env=None, verbs=None):
        self.folder, self.name = folder, name
        for part in ("state", "harness", "config", "claude", "home", "shared"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self.configure(config or {})
        self._sockets = tempfile.TemporaryDirectory(prefix="hive-")  # a socket's path has at most 107 characters
        self.daemon = FakeDaemon(Path(self._sockets.name) / "hive.sock", name=name, role=role, verbs=verbs)
        self.model = Rehearsal(script, watch=self.daemon.notify)
        self.env = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(folder / "home"),
            "HIVE_NAME": name,
            "HIVE_ROLE": role,
            "HIVE_SOCKET": str(self.daemon.path),
            "HIVE_STATE_DIR": str(folder / "state"),
            "HIVE_CONFIG_DIR": str(folder / "config"),
            "HIVE_SHARED_DIR": str(folder / "shared"),
            "HIVE_AGENT_CONFIG": str(folder / "agent.json"),
            "HIVE_RETRY_SECONDS": "0.05",
            "CLAUDE_CONFIG_DIR": str(folder / "claude"),
            "ANTHROPIC_BASE_URL": self.model.url,
            "ANTHROPIC_API_KEY": "rehearsal",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "IS_SANDBOX": "1",
            **(env or {}),
        }
        self.process = None
        self._orphans = []
        self.log = folder / "harness.log"

    def configure(self, config):
        """What the next start finds approved."""
        (self.folder / "agent.json").write_text(json.dumps({"warm_seconds": 60, **config}))

    def __enter__(self):
        self.daemon.start()
        self.model.start()
        return self

    def __exit__(self, *_):
        children = self.children() + self._orphans
        try:
            if self.process is not None and self.process.poll() is None:
                self.stop()
        finally:
            if self.daemon._server is not None:
                self.daemon.stop()
            self.model.close()
            self._sockets.cleanup()
            gone, alive = psutil.wait_procs(children, timeout=20)
            for child in alive:
                child.kill()
        assert not alive, f"outlived its harness: {alive}"

    def start(self):
        outside = Outside(self.daemon.path, self.folder / "harness")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "error", "-m", "harness.main"],
                env=self.env | {"HIVE_HARNESS_LINE": str(outside.inner)}, pass_fds=[outside.inner],
                cwd=self.folder / "state", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        outside.started()
        return self

    def stop(self, seconds=SECONDS):
        """SIGTERM, and the exit status."""
        self.process.terminate()
        return self.process.wait(seconds)

    def kill(self):
        """SIGKILL the harness; its claude sees the end of its input."""
        self._orphans += self.children()
        self.process.kill()
        self.process.wait()

    def children(self):
        if self.process is None or self.process.poll() is not None:
            return []
        return psutil.Process(self.process.pid).children(recursive=True)

    def claude(self):
        """The running CLI's process."""
        return next(child for child in self.children() if "claude" in child.name() or "claude" in child.cmdline()[0])

    def kill_claude(self):
        self.claude().send_signal(signal.SIGKILL)
