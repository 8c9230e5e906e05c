"""The web process: started on the sockets of the port, as soon as the port is held."""

from typing import Any

from actors.daemon_settings import DaemonSettings
from actors.dashboard.messages import PORT, GetHeld, Held
from actors.supervision import Clock, Directory, ProcessActor
from harness.wire.interpreter import module_argv

ASK_SECONDS = 5.0


class WebProcessActor(ProcessActor):
    """`web/process`: told where its socket and the token are, and nothing else of the daemon's environment."""

    def __init__(self, config: DaemonSettings, *, directory: Directory, clock: Clock) -> None:
        super().__init__(_argv(config), stdout=config.state_dir / "web.log", clock=clock)
        self._directory = directory

    def on_start(self) -> None:
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


def _argv(config: DaemonSettings) -> list[str]:
    argv = [
        *module_argv("web.main"),
        "--socket", str(config.run_dir / "web.sock"),
        "--host", config.web_host,
        "--port", str(config.web_port),
        "--token-file", str(config.token_file),
    ]  # fmt: skip
    return [*argv, "--user", config.web_user] if config.web_user else argv
