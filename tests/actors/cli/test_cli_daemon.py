"""`up` and `serve` around the daemon: what they prepare, print and pass on. The tree itself has tests of its own."""

import os

import pytest

import actors.serve
from actors.secrets.store import SecretStore
from actors.service.systemd import Notifier
from harness.wire.errors import conflict


@pytest.fixture
def daemon(monkeypatch):
    """Stands for the tree: notes its settings, says it is ready, ends with `code`."""

    class Daemon:
        config = None
        code = 0
        refusal = None
        page = (None,)

        def serve(self, config, *, notifier, prepare, on_ready=lambda: None, on_page=lambda _trouble: None):
            self.config = config
            self.notifier = notifier
            if self.refusal:
                raise self.refusal
            prepare()
            on_ready()
            for trouble in self.page:
                on_page(trouble)
            return self.code

    fake = Daemon()
    monkeypatch.setattr(actors.serve, "serve", fake.serve)
    return fake


def test_up_prints_the_address_with_the_token_when_the_hive_is_up(hive, daemon, run_dir):
    (run_dir / "key").write_text("sk-key")
    result = hive("up", "--web-port", "7001", "--runtime", "process", "--claude-api-key-file", str(run_dir / "key"))
    token = (run_dir / "state/operator.token").read_text().strip()
    assert result.stdout == f"The hive is up.\nhttp://127.0.0.1:7001/login#token={token}\n"
    assert (daemon.config.web_port, daemon.config.runtime) == (7001, "process")


def test_up_tells_a_new_operator_the_command_of_the_login_until_there_is_one(hive, daemon, run_dir, monkeypatch):
    def said():
        return hive("up", "--web-port", "0").stdout.partition("web_port is 0.\n")[2]

    monkeypatch.setattr("sys.argv", [".venv/bin/hive"])
    assert said().splitlines()[1] == "    .venv/bin/hive login --all"
    monkeypatch.delenv("HIVE_RUN_DIR")
    elsewhere = hive("up", "--web-port", "0", "--run-dir", str(run_dir)).stdout
    assert f"    env HIVE_RUN_DIR={run_dir} .venv/bin/hive login --all\n" in elsewhere
    monkeypatch.setenv("HIVE_RUN_DIR", str(run_dir))

    store = SecretStore(run_dir / "state")
    store.put("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-token")
    assert said() == ""
    store.delete("CLAUDE_CODE_OAUTH_TOKEN")
    assert "login --all" in said()
    login = run_dir / "state/agents/hm1nd/claude/.credentials.json"
    login.parent.mkdir(parents=True)
    login.write_text("{}")
    assert said() == ""


def test_up_says_that_no_agent_starts_without_the_key_that_the_settings_name(hive, daemon, run_dir):
    printed = hive("up", "--web-port", "0", "--claude-api-key-file", str(run_dir / "no-key")).stdout
    assert "the API key cannot be read" in printed
    assert "no agent starts" in printed


def test_up_prints_no_address_before_a_page_answers_at_it(hive, daemon):
    daemon.page = ("the dashboard waits for web_port 7001: it is taken",) * 2
    lines = hive("up", "--web-port", "7001").stdout.splitlines()
    assert (lines[0], lines[-1]) == ("The hive is up.", "the dashboard waits for web_port 7001: it is taken")
    assert len(lines) == len(set(lines))


def test_up_without_a_dashboard_says_so(hive, daemon):
    daemon.page = ()
    assert hive("up", "--web-port", "0").stdout.startswith("The hive is up.\nNo dashboard: web_port is 0.\n")


def test_serve_is_silent_and_reports_to_the_service_manager_alone(hive, daemon, run_dir, monkeypatch):
    words = {"NOTIFY_SOCKET": str(run_dir / "notify"), "WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}
    for name, value in words.items():
        monkeypatch.setenv(name, value)
    result = hive("serve")
    assert (result.exit_code, result.stdout) == (0, "")
    assert daemon.notifier == Notifier(str(run_dir / "notify"), 3.0)
    assert not words.keys() & os.environ.keys()


@pytest.mark.parametrize(
    ("command", "asked", "fate"),
    [("serve", "auto", "keep"), ("up", "auto", "stop"), ("serve", "stop", "stop"), ("up", "keep", "keep")],
)
def test_agents_outlive_a_service_but_not_an_up_unless_that_is_asked_for(hive, daemon, command, asked, fate):
    hive(command, "--agents-on-stop", asked)
    assert daemon.config.agents_on_stop == fate


@pytest.mark.parametrize("code", [0, 1])
def test_the_exit_code_is_the_daemons(hive, daemon, code):
    daemon.code = code
    assert hive("serve").exit_code == code


def test_a_daemon_that_cannot_start_is_refused_like_everything_else_and_leaves_nothing(hive, daemon, run_dir):
    daemon.refusal = conflict("a hive already runs", "stop it")
    result = hive("up")
    assert (result.exit_code, result.stderr) == (1, "Error: a hive already runs\nTry: stop it\n")
    assert not (run_dir / "state").exists()


def test_wrong_settings_start_nothing(hive, daemon, run_dir):
    assert hive("serve", "--web-port", "70000").exit_code == 2
    assert daemon.config is None
    assert not (run_dir / "state").exists()
