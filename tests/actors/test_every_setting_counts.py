"""Every key of hive.toml and of agent.toml changes something that the program does; a key that is added has its row here."""

import logging
import re
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import pytest

from actors import serve
from actors.admission.rates import Rates
from actors.agent import config as agent_config
from actors.agent.container.launch import launch_of
from actors.agent.context import AgentContext
from actors.agent.runtime import cgroup, selection
from actors.daemon_settings import DaemonSettings
from actors.supervision import Directory, FakeClock, Supervisor
from actors.tree import AppContext, children
from harness.claude.command import Launch, command, mcp_servers
from harness.claude.permissions import permissions
from harness.claude.turn_limits import TurnLimits
from harness.prompt.system import system_prompt
from harness.turns.decision import is_nearly_full
from harness.wire.agent_config import AgentConfig, Bind, Limits, McpServer
from harness.wire.errors import HiveError
from harness.wire.network import Network
from tests.actors.agent.hive_parts import FakeRuntime
from tests.harness.settings import settings as harness_settings

KEY = "sk-ant-a-key-that-is-long-enough"
OTHER = {
    "state_dir": Path("other"), "run_dir": Path("other-run"), "runtime": "process", "web_host": "127.0.0.2",
    "web_port": 7099, "web_user": "nobody", "session_seconds": 60.0, "admin_group": "nogroup", "claude_base_url": "http://127.0.0.1:9",
    "claude_api_key_file": Path("key"), "claude_cli": Path("/opt/claude"), "default_model": "opus", "agent_env": {"TZ": "UTC"},
    "agent_memory": 2**28, "agent_cpu": 0.5, "agent_pids": 77, "agent_disk": 2**29, "agent_turn_seconds": 600.0, "agent_turn_tool_calls": 50, "agent_end_leftovers": True, "reserve_bytes": 2**20, "log_level": "warning", "transcript_days": 3, "terminals": False,
    "grace_seconds": 3.0, "agents_on_stop": "stop", "auto_update": False, "ready_seconds": 11.0, "stuck_seconds": 12.0, "wave_width": 9,
    "events_per_minute": 1, "messages_per_minute": 2, "questions_per_minute": 3, "reminders_per_minute": 4, "bytes_per_minute": 5,
}  # fmt: skip


@pytest.fixture
def basis(tmp_path):
    (tmp_path / "key").write_text(KEY)
    return DaemonSettings(state_dir=tmp_path / "state", run_dir=tmp_path / "run", claude_base_url="http://127.0.0.1:8")


def shape(thing, seen=frozenset()):
    """What an object is made of, as nested tuples. The settings themselves count for nothing: carried is not used."""
    if isinstance(thing, DaemonSettings | AgentContext | Directory | FakeClock | logging.Logger) or id(thing) in seen:
        return type(thing).__name__
    if isinstance(thing, str) and re.fullmatch(r"[0-9a-f]{8,}", thing):
        return "the id of this instance"
    if isinstance(thing, str | int | float | bytes | Path | None):
        return thing
    seen |= {id(thing)}
    if isinstance(thing, dict):
        return tuple((str(key), shape(value, seen)) for key, value in thing.items())
    if isinstance(thing, list | tuple | set | frozenset):
        return tuple(shape(one, seen) for one in thing)
    if is_dataclass(thing):
        return tuple((one.name, shape(getattr(thing, one.name), seen)) for one in fields(thing))
    if type(thing).__module__.startswith("actors.") and hasattr(thing, "__dict__"):
        return tuple((name, shape(value, seen)) for name, value in sorted(vars(thing).items()) if name != "actor_urn")
    return type(thing).__name__


def built(config, context):
    """The children of the root, and theirs, as they are before they start."""
    app = AppContext(config, context, Directory(root="hive"), FakeClock())
    return [started(spec) for spec in children(app)]


def started(spec):
    child = spec.start()
    below = [started(one) for one in child._specs] if isinstance(child, Supervisor) else []
    return spec.id, spec.shutdown, shape(child), below


def observed(config):
    """What the program does by these settings: its tree, its agents' environment and defaults, its runtime, its log."""
    config.state_dir.mkdir(parents=True, exist_ok=True)
    context = AgentContext.of(config, FakeRuntime())
    paths = context.workspace.of("alice")
    launch = launch_of(context, "alice", AgentConfig(), with_secrets=True)
    defaults = agent_config.parse("", default_model=context.default_model, default_limits=context.default_limits)
    runtime = selection.select(config.runtime).runtime.name
    return str(
        (
            built(config, context),
            shape(launch),
            defaults,
            runtime,
            context.rates,
            paths.socket,
            paths.root,
            level(config),
        )
    )


def level(config):
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve.logging, "basicConfig", lambda **given: said.append(given["level"]))
        patch.setattr(serve.logging, "getLogger", lambda _name: logging.root.getChild("none"))
        with pytest.raises(HiveError):
            serve.serve(replace(config, web_user="nobody-of-that-name"))
    return said


def test_the_table_has_every_setting_with_a_value_that_is_not_the_default(basis):
    assert set(OTHER) == {one.name for one in fields(DaemonSettings)}


def test_the_same_settings_make_the_same_daemon_and_what_is_only_carried_does_not_count(basis):
    assert observed(basis) == observed(replace(basis))
    assert shape(basis) == shape(replace(basis, web_port=1))


@pytest.mark.parametrize("name", OTHER)
def test_a_setting_changes_what_the_daemon_does(basis, tmp_path, name):
    value = OTHER[name]
    if isinstance(value, Path):
        value = tmp_path / value  # a relative one; an absolute one stays
    assert getattr(basis, name) != value
    assert observed(replace(basis, **{name: value})) != observed(basis)


# ---- agent.toml ---------------------------------------------------------------------------------------


KEYS = {
    "model": 'model = "opus"', "allowedRecipients": 'allowedRecipients = ["bob"]',
    "allowedBashPatterns": 'allowedBashPatterns = ["Bash(ls)"]', "allowedTools": 'allowedTools = ["Read"]', "env": 'env = { A = "1" }',
    "warm_seconds": "warm_seconds = 7", "autoCompact": "autoCompact = false", "compact_tokens": "compact_tokens = 50000",
    "notes_limit_bytes": "notes_limit_bytes = 4096", "packages": 'packages = ["graphviz"]', "prompt": 'prompt = "You count bees."',
    "extraMcpServers.command": '[extraMcpServers.db]\ncommand = "other"',
    "extraMcpServers.args": '[extraMcpServers.db]\ncommand = "db"\nargs = ["-v"]',
    "extraMcpServers.env": '[extraMcpServers.db]\ncommand = "db"\nenv = { A = "1" }',
    "extraMcpServers.allowedTools": '[extraMcpServers.db]\ncommand = "db"\nallowedTools = ["get"]',
    "binds.source": '[[binds]]\nsource = "/opt"\ntarget = "/srv/x"', "binds.target": '[[binds]]\nsource = "/srv"\ntarget = "/srv/y"',
    "binds.writable": '[[binds]]\nsource = "/srv"\ntarget = "/srv/x"\nwritable = true',
    "network.mode": '[network]\nmode = "none"', "network.allow": '[network]\nallow = ["a.example"]',
    "limits.memory": '[limits]\nmemory = "77M"', "limits.disk": '[limits]\ndisk = "78M"', "limits.cpu": "[limits]\ncpu = 0.25",
    "limits.pids": "[limits]\npids = 33", "limits.turn_seconds": "[limits]\nturn_seconds = 60",
    "limits.turn_tool_calls": "[limits]\nturn_tool_calls = 9", "limits.end_leftovers": "[limits]\nend_leftovers = true",
    **{f"limits.{kind}_per_minute": f"[limits]\n{kind}_per_minute = 3" for kind in ("events", "messages", "questions", "reminders", "bytes")},
}  # fmt: skip
BEFORE = {
    "extraMcpServers": '[extraMcpServers.db]\ncommand = "db"',
    "binds": '[[binds]]\nsource = "/srv"\ntarget = "/srv/x"',
}
PARTS = {"extraMcpServers": McpServer, "binds": Bind, "network": Network, "limits": Limits}


def every_key():
    """Each key of agent.toml, those of its tables by `table.key`."""
    for name in AgentConfig.model_fields:
        part = PARTS.get(name)
        yield from [name] if part is None else [f"{name}.{key}" for key in part.model_fields]


def consequences(text, tmp_path):
    """What an agent with this configuration is, apart from the configuration itself."""
    settings = DaemonSettings(state_dir=tmp_path / "state", run_dir=tmp_path / "run")
    context = AgentContext.of(settings, FakeRuntime())
    config = agent_config.parse(text, default_model=context.default_model, default_limits=context.default_limits)
    launch = launch_of(context, "alice", config, with_secrets=False)
    harness = replace(harness_settings(), config=config)
    rules = permissions(config, ["send"])
    argv = command(harness, Launch(config.model, "s", resume=False), rules, system_prompt="p", mcp_config=Path("m"))
    compacts = [
        config.autoCompact and is_nearly_full(tokens, 200_000, config.compact_tokens) for tokens in (60_000, 190_000)
    ]
    held = (
        [cgroup.settings(2, one, config.limits) for one in cgroup.CONTROLLERS],
        Rates().with_limits(config.limits),
        config.limits.disk,
        TurnLimits.of(config.limits),
        config.limits.end_leftovers,
    )
    wire = config.allowedRecipients, [config.network.allows(host) for host in ("a.example", "b.example")]
    return str((argv, mcp_servers(harness), system_prompt(harness), compacts, held, wire, launch.env, launch.binds, launch.packages,
                config.warm_seconds))  # fmt: skip


def test_the_table_has_every_key_of_a_configuration():
    assert set(KEYS) == set(every_key())


def test_another_spelling_of_a_configuration_changes_nothing(tmp_path):
    assert consequences("# a word\nallowedRecipients = ['a']\n", tmp_path) == consequences(
        'allowedRecipients=["a"]', tmp_path
    )


@pytest.mark.parametrize("key", KEYS)
def test_a_key_changes_what_its_agent_is(key, tmp_path):
    before = BEFORE.get(key.partition(".")[0], "")
    assert consequences(KEYS[key], tmp_path) != consequences(before, tmp_path)
