"""The stage of the demo: a hive of its own in a folder of its own, and everything gone afterwards.

Owns three things: the folder, the rehearsal model's process, the daemon's process. Nothing that they started
outlives `close`: this process adopts what is orphaned below it and ends that too.
"""

import contextlib
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from actors.cli.client import HostClient
from actors.config import HostConfig, load
from harness.wire.errors import HiveError, unavailable

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "USER", "TMPDIR")
"""All that the children see of our environment: it may hold somebody else's session."""

STOP_SECONDS = 15.0
TAIL_LINES = 15
PR_SET_CHILD_SUBREAPER = 36


class Stage:
    """A running hive with the rehearsal model. Use as a context manager."""

    def __init__(self, *, settings: dict[str, Any], keep: bool, deadline: float) -> None:
        self._keep = keep
        self._deadline = deadline
        self._settings = settings
        self._processes: list[subprocess.Popen[bytes]] = []
        self.folder = Path(tempfile.mkdtemp(prefix="hive-demo-"))
        self.config: HostConfig
        self.log_tail = ""
        """Known after `close`: the end of the daemon's log, for when it failed."""

    def __enter__(self) -> Self:
        # Agents outlive the daemon on purpose. What is orphaned must come to us, to be ended with the rest.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        try:
            url = self._start_model()
            self._start_daemon(url)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the agents, the daemon and the model, in this order; remove the folder unless it is to be kept."""
        with contextlib.suppress(HiveError, AttributeError):
            self._stop_agents()
        for process in reversed(self._processes):
            _end(process)
        _end_orphans()
        self.log_tail = _tail(self.folder / "daemon.log")
        if not self._keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start_model(self) -> str:
        argv = [sys.executable, "-m", "harness.rehearsal", "--port", "0", "--script", "demo"]
        model = self._spawn(argv, {}, stdout=subprocess.PIPE, stderr="model.log")
        assert model.stdout is not None
        self._wait_for(model, model.stdout.fileno(), "the rehearsal model")
        return model.stdout.readline().decode().strip()

    def _start_daemon(self, url: str) -> None:
        (self.folder / "api-key").write_text("rehearsal\n")
        place = {"state_dir": str(self.folder / "state"), "run_dir": str(self.folder / "run")}
        claude = {"claude_base_url": url, "claude_api_key_file": str(self.folder / "api-key")}
        file = self.folder / "hive.toml"
        # A JSON string or number is also a TOML one.
        settings = place | claude | {"grace_seconds": 3, "agents_on_stop": "stop"} | self._settings
        file.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
        self.config = load({}, {}, file)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notified:
            address = str(self.folder / "notify")
            notified.bind(address)
            argv = [sys.executable, "-m", "actors.cli", "serve", "--config", str(file)]
            daemon = self._spawn(argv, {"NOTIFY_SOCKET": address}, stdout="daemon.log", stderr="daemon.log")
            while b"READY=1" not in self._heard(daemon, notified):
                continue

    def _heard(self, daemon: subprocess.Popen[bytes], notified: socket.socket) -> bytes:
        self._wait_for(daemon, notified.fileno(), "the daemon")
        return notified.recv(4096)

    def _spawn(
        self, argv: list[str], env: dict[str, str], *, stdout: str | int, stderr: str
    ) -> "subprocess.Popen[bytes]":
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        with contextlib.ExitStack() as files:
            streams = [
                files.enter_context((self.folder / name).open("ab")) if isinstance(name, str) else name
                for name in (stdout, stderr)
            ]
            # A session of its own: Ctrl-C is ours, and we end the others in order.
            process = subprocess.Popen(
                argv,
                env=kept | env,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=streams[0],
                stderr=streams[1],
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _wait_for(self, process: "subprocess.Popen[bytes]", fd: int, what: str) -> None:
        """Until `fd` can be read; fails when the process ends first or the deadline passes."""
        pidfd = os.pidfd_open(process.pid)
        try:
            ready, _, _ = select.select([fd, pidfd], [], [], max(0.0, self._deadline - time.monotonic()))
        finally:
            os.close(pidfd)
        if fd not in ready:
            raise unavailable(
                f"{what} {'ended' if ready else 'did not get ready in time'}",
                "`hive demo --keep` keeps its folder with the logs",
            )

    def _stop_agents(self) -> None:
        with HostClient(self.config.host_socket, reply_seconds=STOP_SECONDS) as host:
            names = host.request("list")["agents"]
            if names:
                host.request("stop", scope={"agent_names": names}, graceful=False)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _end_orphans() -> None:
    """Kill and reap whatever is still below this process."""
    while below := _children(os.getpid()):
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _tail(path: Path) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-TAIL_LINES:])
    except OSError:
        return ""


def _children(parent: int) -> list[int]:
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                # The name in the second field may contain spaces and brackets; the parent is the 2nd word after it.
                fields = (Path(entry.path) / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[1]) == parent:
                    found.append(int(entry.name))
    return found
