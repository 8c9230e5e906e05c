"""What a harness knows when it starts, and what it is never told."""

from pathlib import Path

import pytest

from actors.agent.container.environment import harness_environment
from actors.agent.context import AgentContext
from actors.agent.credentials import Credential, CredentialKind
from actors.agent.installation.roots import program_roots
from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.paths import Workspace
from harness.wire.errors import HiveError
from harness.wire.network import Network, NetworkMode
from harness.wire.proxy import DUMMY_KEY

WORKSPACE = Workspace(Path("/s"), Path("/r"))


def environment(name="alice", runtime=None, *, extra=None, key=None, credential=None, network=None, **host):
    runtime = runtime or BwrapRuntime()
    host = AgentContext(workspace=WORKSPACE, runtime=runtime, harness_argv=("x",), **host)
    view = runtime.view(WORKSPACE, WORKSPACE.of(name))
    credential = credential or (key and Credential(CredentialKind.KEY, key))
    return harness_environment(host, view, name, credential=credential, extra=extra or {}, network=network or Network())


def test_a_sandboxed_agent_sees_the_paths_inside():
    env = environment()
    assert env["HIVE_STATE_DIR"] == "/agents/alice/state"
    assert env["HIVE_SOCKET"] == "/run/hive/hive.sock"
    assert not [value for value in env.values() if "harness" in value]
    assert env["CLAUDE_CONFIG_DIR"] == "/agents/alice/claude"
    assert (env["HIVE_NAME"], env["HIVE_ROLE"]) == ("alice", "agent")


def test_a_process_sees_the_paths_of_the_host():
    env = environment(runtime=ProcessRuntime())
    assert env["HIVE_STATE_DIR"] == "/s/agents/alice/state"
    assert env["HIVE_SOCKET"] == "/r/agents/alice/hive.sock"


def test_the_manager_is_called_manager_and_knows_where_the_others_are():
    env = environment("hm1nd")
    assert (env["HIVE_NAME"], env["HIVE_ROLE"], env["HIVE_AGENTS_DIR"]) == ("manager", "manager", "/agents")
    assert "HIVE_AGENTS_DIR" not in environment()


def test_a_key_and_a_base_url_are_there_only_when_they_are_set():
    assert not [name for name in environment() if name.startswith(("ANTHROPIC", "HIVE_CLAUDE"))]
    settings = {"key": "k", "claude_base_url": "http://127.0.0.1:1", "claude_cli": Path("/opt/claude")}
    env = environment(runtime=ProcessRuntime(), **settings)
    assert (env["ANTHROPIC_API_KEY"], env["ANTHROPIC_BASE_URL"]) == ("k", "http://127.0.0.1:1")
    assert env["HIVE_CLAUDE_CLI"] == "/opt/claude"


@pytest.mark.parametrize("mode", [NetworkMode.PROXIED, NetworkMode.NONE])
def test_a_container_with_a_network_of_its_own_has_neither_the_key_nor_the_address_of_the_model(mode):
    settings = {"key": "sk-secret", "claude_base_url": "http://gateway.example:1"}
    env = environment(network=Network(mode=mode), **settings)
    assert not [name for name, value in env.items() if "sk-secret" in value or "gateway" in value]
    assert (env["ANTHROPIC_API_KEY"], env["ANTHROPIC_UNIX_SOCKET"]) == (DUMMY_KEY, "/run/hive/net.sock")


def test_a_token_is_known_to_claude_as_a_token_and_the_value_is_outside():
    token = Credential(CredentialKind.TOKEN, "sk-ant-oat01-secret")
    env = environment(credential=token, network=Network(mode=NetworkMode.PROXIED))
    assert (env["CLAUDE_CODE_OAUTH_TOKEN"], env["ANTHROPIC_UNIX_SOCKET"]) == (DUMMY_KEY, "/run/hive/net.sock")
    assert "ANTHROPIC_API_KEY" not in env
    assert environment(credential=token, network=Network(mode="host"))["CLAUDE_CODE_OAUTH_TOKEN"] == token.value


def test_by_default_the_container_has_a_network_of_its_own():
    env = environment(key="sk-secret", claude_base_url="http://gateway.example:1")
    assert env == environment(
        key="sk-secret", claude_base_url="http://gateway.example:1", network=Network(mode=NetworkMode.PROXIED)
    )


@pytest.mark.parametrize("settings", [{"network": Network(mode="host")}, {"runtime": ProcessRuntime()}])
def test_with_the_hosts_network_the_key_is_in_the_environment(settings):
    env = environment(key="sk-secret", claude_base_url="http://gateway.example:1", **settings)
    assert (env["ANTHROPIC_API_KEY"], env["ANTHROPIC_BASE_URL"]) == ("sk-secret", "http://gateway.example:1")
    assert not [name for name in env if "PROXY" in name.upper() or name == "ANTHROPIC_UNIX_SOCKET"]


def test_programs_inside_find_the_proxy_unless_the_network_is_the_hosts():
    proxy = {"http://127.0.0.1:3128"}
    names = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"}
    for mode in ("proxied", "none"):
        env = environment(network=Network(mode=mode), extra={"HTTPS_PROXY": "http://elsewhere:1"})
        assert {env[name] for name in names} == proxy
        assert "127.0.0.1" in env["NO_PROXY"]
    assert not names & environment(network=Network(mode="host")).keys()
    assert not names & environment(runtime=ProcessRuntime()).keys()


def test_commits_carry_the_agents_identity():
    env = environment()
    assert (env["GIT_AUTHOR_NAME"], env["GIT_COMMITTER_EMAIL"]) == ("alice", "alice@hive.invalid")


def test_the_configuration_adds_variables_of_its_own():
    assert environment(extra={"EDITOR": "true"})["EDITOR"] == "true"


@pytest.mark.parametrize(
    "key",
    [
        "HOME",
        "PATH",
        "LD_PRELOAD",
        "LD_AUDIT",
        "OPENSSL_CONF",
        "GCONV_PATH",
        "HIVE_SOCKET",
        "ANTHROPIC_BASE_URL",
        "",
        "A=B",
        "A\0",
    ],
)
def test_the_configuration_can_not_set_what_the_hive_sets(key):
    with pytest.raises(HiveError):
        environment(extra={key: "x"})


def test_the_programs_shown_to_a_sandbox_hold_the_harness_but_not_the_host():
    roots = program_roots(None)
    assert any(root.name == "harness" or (root / "lib").is_dir() for root in roots)
    assert not [root for root in roots if root.name == "actors" or (root / ".git").exists()]


def test_a_key_that_can_not_be_read_is_said(tmp_path):
    host = AgentContext(
        workspace=WORKSPACE, runtime=ProcessRuntime(), harness_argv=(), claude_api_key_file=tmp_path / "no"
    )
    with pytest.raises(HiveError, match="API key"):
        host.credentials.read()
