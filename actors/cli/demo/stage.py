"""The stage of the demo: a hive of its own in a folder of its own, and nothing left of it afterwards.

Owns the folder, the process of the rehearsal model and that of the daemon. Nothing that they started outlives
`close`: this process adopts the orphans below it and ends them too. Two stages share nothing.
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
import tempfile
from pathlib import Path
from typing import Any, Self

from actors.cli.client import DaemonClient
from actors.cli.processes import children
from actors.daemon_settings import DaemonSettings, load
from harness.wire.errors import HiveError, unavailable
from harness.wire.interpreter import module_argv

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "USER", "TMPDIR")
"""All that the children see of this environment, which may hold the session of another Claude."""

STOP_SECONDS = 15.0
TAIL_LINES = 15
PR_SET_CHILD_SUBREAPER = 36


class Stage:
    """A running hive with the rehearsal model. Use as a context manager."""

    def __init__(self, *, settings: dict[str, Any], keep: bool, step_seconds: float) -> None:
        self._keep = keep
        self._step_seconds = step_seconds
        self._settings = settings
        self._processes: list[subprocess.Popen[bytes]] = []
        self.folder = Path(tempfile.mkdtemp(prefix="hive-demo-"))
        self.config: DaemonSettings
        self.log_tail = ""
        """The end of the daemon's log, known after `close`."""

    def __enter__(self) -> Self:
        # Agents outlive the daemon on purpose. Their orphans come to this process, to be ended with the rest.
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
        argv = [*module_argv("harness.rehearsal"), "--port", "0", "--script", "demo"]
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
            argv = [*module_argv("actors.cli"), "serve", "--config", str(file)]
            daemon = self._spawn(argv, {"NOTIFY_SOCKET": address}, stdout="daemon.log", stderr="daemon.log")
            while b"READY=1" not in self._next_notification(daemon, notified):
                continue

    def _next_notification(self, daemon: subprocess.Popen[bytes], notified: socket.socket) -> bytes:
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
            # A session of its own: Ctrl-C is for this process, which ends the others in order.
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
        """Until `fd` can be read; fails when the process ends first or takes longer than a step may."""
        pidfd = os.pidfd_open(process.pid)
        try:
            ready, _, _ = select.select([fd, pidfd], [], [], self._step_seconds)
        finally:
            os.close(pidfd)
        if fd not in ready:
            late = f"was not ready after {self._step_seconds:g} s"
            raise unavailable(
                f"{what} {'ended' if ready else late}", "`hive demo --keep` keeps its folder with the logs"
            )

    def _stop_agents(self) -> None:
        with DaemonClient(self.config.host_socket, reply_seconds=STOP_SECONDS) as daemon:
            names = daemon.request("list")["agents"]
            if names:
                daemon.request("stop", scope={"agent_names": names}, graceful=False)


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
    """Kill and reap every process that is still below this one."""
    while below := children(os.getpid()):
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
