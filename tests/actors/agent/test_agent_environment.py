"""What a harness knows when it starts, and what it is never told."""

from pathlib import Path

import pytest

from actors.agent.container.environment import harness_environment
from actors.agent.context import AgentContext
from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.runtime.roots import program_roots
from actors.agent.workspace.paths import Workspace
from harness.wire.errors import HiveError

WORKSPACE = Workspace(Path("/s"), Path("/r"))


def environment(name="alice", runtime=None, extra=None, key=None, **host):
    runtime = runtime or BwrapRuntime()
    host = AgentContext(workspace=WORKSPACE, runtime=runtime, harness_argv=("x",), **host)
    view = runtime.view(WORKSPACE, WORKSPACE.of(name))
    return harness_environment(host, view, name, api_key=key, extra=extra or {})


def test_a_sandboxed_agent_sees_the_paths_inside():
    env = environment()
    assert env["HIVE_STATE_DIR"] == "/agents/alice/state"
    assert env["HIVE_SOCKET"] == "/run/hive/hive.sock"
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
    env = environment(key="k", claude_base_url="http://127.0.0.1:1", claude_cli=Path("/opt/claude"))
    assert (env["ANTHROPIC_API_KEY"], env["ANTHROPIC_BASE_URL"]) == ("k", "http://127.0.0.1:1")
    assert env["HIVE_CLAUDE_CLI"] == "/opt/claude"


def test_commits_carry_the_agents_identity():
    env = environment()
    assert (env["GIT_AUTHOR_NAME"], env["GIT_COMMITTER_EMAIL"]) == ("alice", "alice@hive.invalid")


def test_the_configuration_adds_variables_of_its_own():
    assert environment(extra={"EDITOR": "true"})["EDITOR"] == "true"


@pytest.mark.parametrize("key", ["HOME", "PATH", "LD_PRELOAD", "HIVE_SOCKET", "ANTHROPIC_BASE_URL", "", "A=B", "A\0"])
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
        host.api_key()
