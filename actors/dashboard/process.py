"""The web process: started on the sockets of the port, as soon as the port is held."""

from pathlib import Path
from typing import Any

from actors.daemon_settings import DaemonSettings
from actors.dashboard.messages import PORT, GetHeld, Held
from actors.supervision import Clock, Directory, ProcessActor
from actors.supervision.processes.log_file import LogFile
from harness.wire.interpreter import module_argv

ASK_SECONDS = 5.0


class WebProcessActor(ProcessActor):
    """`web/process`: told where its socket and the token are, and nothing else of the daemon's environment.

    `uid`: the user without a name that it becomes, where the settings name none and the daemon is root.
    """

    def __init__(self, config: DaemonSettings, uid: int | None, *, directory: Directory, clock: Clock) -> None:
        super().__init__(_argv(config, uid), stdout=LogFile(config.state_dir / "web.log"), clock=clock)
        self._directory = directory
        self._passed = config.run_dir if uid is not None or config.web_user else None

    def on_start(self) -> None:
        if self._passed is not None:
            _let_pass(self._passed)
        held: Held | None = self._directory.ask(PORT, GetHeld(), timeout=ASK_SECONDS)
        if held is not None:
            self._start_on(held)

    def state_word(self) -> str:
        return super().state_word() if self.pid else "waits for the port"

    def handle(self, message: Any) -> Any:
        if isinstance(message, Held):
            if self.pid is None:
                self._start_on(message)
            return None
        return super().handle(message)

    def _start_on(self, held: Held) -> None:
        for number in held.descriptors:
            self._argv += ("--listen-fd", str(number))
        self._descriptors = held.descriptors
        # Not on the command line, which other users of the machine can read.
        self._env["HIVE_WEB_NAME"] = held.site_name
        super().on_start()


def _let_pass(folder: Path) -> None:
    """Another user reaches `web.sock` in there. Each socket has a mode of its own; nothing is listed for others."""
    folder.chmod(folder.stat().st_mode | 0o011)


def _argv(config: DaemonSettings, uid: int | None) -> list[str]:
    argv = [
        *module_argv("web.main"),
        "--socket", str(config.run_dir / "web.sock"),
        "--host", config.web_host,
        "--port", str(config.web_port),
        "--token-file", str(config.token_file),
    ]  # fmt: skip
    if config.web_user:
        return [*argv, "--user", config.web_user]
    return argv if uid is None else [*argv, "--uid", str(uid)]
