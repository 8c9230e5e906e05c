"""`hive login --all`: the real `claude setup-token` against a stand-in for the account's server."""

import os
import re

import pytest
from click.testing import CliRunner

from actors.cli import setup_token
from actors.cli.commands.agents import login
from actors.cli.setup_token import find_claude
from harness.wire.errors import HiveError
from harness.wire.operator_api import SetSecretReply
from tests.account_server import CODE, AccountServer

pytestmark = pytest.mark.slow


@pytest.fixture
def account(tmp_path, monkeypatch):
    with AccountServer(tmp_path) as server:
        for name, value in server.env.items():
            monkeypatch.setenv(name, value)
        yield server


def code_of(url, code=CODE):
    return f"{code}#{re.search(r'state=([^&]+)', url).group(1)}"


def run(account, answer):
    return setup_token.setup_token(find_claude(None), os.environ, answer)


def test_the_token_of_the_subscription_becomes_the_secret_of_the_hive_and_is_not_shown(
    account, daemon, hive, monkeypatch
):
    daemon.answers["set_secret"] = SetSecretReply(used_by=[])
    shown = []

    def prompt(_text):
        return code_of(shown[-1])

    monkeypatch.setattr(login, "_show_address", lambda _who, url: shown.append(url))
    monkeypatch.setattr(login.click, "prompt", prompt)
    result = hive("login", "--all")
    assert result.exit_code == 0, result.output
    (stored,) = [one for one in daemon.requests if one["cmd"] == "set_secret"]
    assert (stored["name"], stored["value"]) == ("CLAUDE_CODE_OAUTH_TOKEN", account.issued[0])
    assert account.issued[0] not in result.output
    assert result.output == "all agents are logged in; the token is the secret CLAUDE_CODE_OAUTH_TOKEN\n"
    assert shown[0].startswith("https://claude.com/")
    (asked,) = [body for _, path, body in account.requests if path == "/v1/oauth/token"]
    assert asked["expires_in"] == 365 * 86400


def test_a_refused_code_and_half_a_code_are_told_in_the_words_of_claude(account):
    with pytest.raises(HiveError, match="no token was given: That code wasn't accepted"):
        run(account, lambda url: code_of(url, "another"))
    with pytest.raises(HiveError, match="no token was given: That doesn't look like the full code"):
        run(account, lambda _url: "half-of-it")


def test_an_interrupted_login_leaves_no_program_and_no_folder_behind(account, tmp_path, monkeypatch):
    monkeypatch.setattr(setup_token.tempfile, "tempdir", str(tmp_path))
    started = []
    begin = setup_token.subprocess.Popen
    monkeypatch.setattr(
        setup_token.subprocess, "Popen", lambda *args, **more: started.append(begin(*args, **more)) or started[-1]
    )

    def give_up(_url):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(account, give_up)
    assert started[0].returncode is not None
    assert list(tmp_path.glob("hive-login-*")) == []


def test_a_program_that_cannot_be_run_is_an_error_with_a_hint(tmp_path):
    with pytest.raises(HiveError, match="cannot be run"):
        setup_token.setup_token(tmp_path / "no-claude", os.environ, lambda _url: "")


def test_a_program_that_shows_no_address_is_told_with_its_last_words():
    with pytest.raises(HiveError, match="shows no address"):
        setup_token.setup_token(os.path.realpath("/bin/echo"), os.environ, lambda _url: "")


def test_with_a_key_of_the_hive_there_is_no_login_for_all(daemon, run_dir, hive):
    key = run_dir / "key"
    key.write_text("sk-key")
    result = hive("login", "--all", "--claude-api-key-file", str(key))
    assert "which comes before a token" in result.stderr
    assert daemon.requests == []


def test_without_a_daemon_nothing_is_begun(run_dir, monkeypatch):
    from actors.cli.main import main

    monkeypatch.setenv("HIVE_RUN_DIR", str(run_dir))
    monkeypatch.setattr(login, "setup_token", lambda *_: pytest.fail("a login for nothing"))
    result = CliRunner().invoke(main, ["login", "--all"])
    assert "no daemon runs" in result.stderr
