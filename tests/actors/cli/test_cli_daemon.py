"""`up` and `serve` around the daemon: what they prepare, print and pass on. The tree itself has tests of its own."""

import os
import socket

import pytest

import actors.serve
from harness.wire.errors import conflict


@pytest.fixture
def daemon(monkeypatch):
    """Stands for the tree: notes its settings, says it is ready, ends with `code`."""

    class Daemon:
        config = None
        code = 0
        refusal = None

        def serve(self, config, *, on_ready):
            self.config = config
            self.notify_socket = os.environ.get("NOTIFY_SOCKET")
            if self.refusal:
                raise self.refusal
            on_ready()
            return self.code

    fake = Daemon()
    monkeypatch.setattr(actors.serve, "serve", fake.serve)
    return fake


def test_up_prints_the_address_with_the_token_when_the_hive_is_up(hive, daemon, run_dir):
    result = hive("up", "--web-port", "7001", "--runtime", "process")
    token = (run_dir / "state/operator.token").read_text().strip()
    assert result.stdout == f"The hive is up.\nhttp://127.0.0.1:7001/login#token={token}\n"
    assert (daemon.config.web_port, daemon.config.runtime) == (7001, "process")


def test_up_without_a_dashboard_says_so(hive, daemon):
    assert hive("up", "--web-port", "0").stdout == "The hive is up.\nNo dashboard: web_port is 0.\n"


def test_serve_is_silent_and_tells_the_service_manager(hive, daemon, run_dir, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(run_dir / "notify"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(run_dir / "notify"))
        result = hive("serve")
        assert manager.recv(100) == b"READY=1"
    assert (result.exit_code, result.stdout) == (0, "")
    assert daemon.notify_socket is None


@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_is_the_daemons(hive, daemon, code):
    daemon.code = code
    assert hive("serve").exit_code == code


def test_a_daemon_that_can_not_start_is_refused_like_everything_else(hive, daemon):
    daemon.refusal = conflict("a hive already runs", "stop it")
    result = hive("up")
    assert (result.exit_code, result.stderr) == (1, "Error: a hive already runs\nTry: stop it\n")


def test_wrong_settings_start_nothing(hive, daemon, run_dir):
    assert hive("serve", "--web-port", "70000").exit_code == 2
    assert daemon.config is None
    assert not (run_dir / "state").exists()


@pytest.mark.parametrize("setting", ["state", "run"])
def test_a_folder_that_can_not_be_made_is_named_with_its_setting(hive, daemon, setting):
    result = hive("serve", f"--{setting}-dir", "/proc/hive")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: can not make /proc/hive: ")
    assert result.stderr.endswith(f"Try: set {setting}_dir to a folder of yours\n")
