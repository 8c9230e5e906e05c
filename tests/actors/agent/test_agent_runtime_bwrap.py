"""What a sandboxed agent sees of the host: its own folders, a read-only system, and nothing else."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from actors.agent.container.logs import of_last_life
from actors.agent.runtime.bwrap import BwrapRuntime, probe, probe_argv
from actors.agent.runtime.selection import select
from actors.agent.workspace.paths import Workspace
from harness.wire.agent_config import Bind
from harness.wire.errors import HiveError
from tests.actors.agent.stand_ins import launch, lines_until, wait_end
from tests.needs import needs, needs_root


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "state", tmp_path / "run")


def printed(workspace, text, **more):
    runtime = BwrapRuntime()
    order = launch(workspace, text, **more)
    runtime.create(order)
    wait_end(runtime, runtime.start(order))
    return "\n".join(of_last_life(runtime.logs(order.paths, 100)))


@needs("bwrap")
def test_inside_there_are_only_its_own_folders(workspace):
    workspace.prepare("bob")
    output = printed(workspace, "import os; print(os.listdir('/agents'), sorted(os.listdir('/agents/alice')))")
    assert "['alice'] ['claude', 'config', 'home', 'state']" in output


@needs("bwrap")
def test_the_manager_sees_every_agent_and_what_is_applied_read_only(workspace):
    workspace.prepare("bob")
    look = "import os; print(sorted(os.listdir('/agents')), sorted(os.listdir('/applied')), os.access('/applied', os.W_OK))"
    assert "['bob', 'hm1nd'] ['bob', 'hm1nd'] False" in printed(workspace, look, name="hm1nd", manager=True)


MANAGE = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("up", flush=True)
signal.sigwait([signal.SIGTERM])
for name in ("bob", "carol"):
    print(name, sorted(os.listdir(f"/agents/{name}")), open(f"/agents/{name}/config/agent.toml", "r+").read())
    open(f"/agents/{name}/config/agent.toml", "w").write("by the manager")
open("/agents/carol/state/first.md", "w").write("from the manager")
print(sorted(os.listdir("/agents/hm1nd")))
open("/agents/hm1nd/state/notes.md", "w").write("mine")
print("secret", [found for found in os.walk("/agents") if "secret" in str(found)])
"""


@needs("bwrap")
def test_the_manager_writes_every_config_of_later_agents_too_and_sees_nothing_else_of_them(workspace):
    bob = workspace.prepare("bob")
    for folder in (bob.state, bob.claude, bob.harness, bob.home):
        (folder / "secret").write_text("not the manager's")
    (bob.config / "agent.toml").write_text("of bob")
    runtime, order = BwrapRuntime(), launch(workspace, MANAGE, name="hm1nd", manager=True)
    runtime.create(order)
    container = runtime.start(order)
    lines_until(runtime, order.paths, "up")
    carol = workspace.prepare("carol")
    (carol.config / "agent.toml").write_text("of carol, who came later")
    workspace.stage("carol")
    runtime.hand_over(carol)
    runtime.stop(container)
    wait_end(runtime, container)
    assert of_last_life(runtime.logs(order.paths, 5)) == [
        "bob ['config'] of bob",
        "carol ['config', 'state'] of carol, who came later",
        "['claude', 'config', 'home', 'state']",
        "secret []",
    ]
    assert (order.paths.state / "notes.md").read_text() == "mine"
    workspace.take_staged("carol")
    look = "print(open('/agents/carol/config/agent.toml').read(), 'and', open('first.md').read())"
    assert "by the manager and from the manager" in printed(workspace, look, name="carol")
    assert not carol.staged.exists()


@needs("bwrap")
@pytest.mark.parametrize("place", ["/usr/x", "/etc/x", "/run/hive/x", "/agents/alice/config/x"])
def test_the_system_its_socket_folder_and_its_proposal_are_read_only(workspace, place):
    assert "Read-only file system" in printed(workspace, f"open({place!r}, 'w')")


@needs("bwrap")
@pytest.mark.parametrize("place", ["/etc/shadow", "/root", "/home", "/var/lib", "/sys"])
def test_the_rest_of_the_host_is_not_there(workspace, place):
    look = f"import os; print('file', os.path.isfile({place!r}), os.path.isdir({place!r}) and os.listdir({place!r}))"
    output = printed(workspace, look)
    assert "file False" in output
    assert [name for name in (".bashrc", ".ssh", "dpkg", "kernel") if f"'{name}'" in output] == []


@needs("bwrap")
def test_other_processes_and_capabilities_are_not_there(workspace):
    look = "import os; print([p for p in os.listdir('/proc') if p.isdigit()], os.getuid(), open('/proc/self/status').read())"
    output = printed(workspace, look)
    assert output.startswith("['1', '2'] 1000")
    assert "CapEff:\t0000000000000000" in output


@needs("bwrap")
def test_its_temporary_folder_is_its_own(workspace, tmp_path):
    with tempfile.NamedTemporaryFile(dir="/tmp") as of_the_host:
        look = f"import os; print(os.listdir('/tmp')); print(os.path.exists({str(tmp_path)!r})); open('/tmp/x', 'w')"
        output = printed(workspace, look)
        assert Path(of_the_host.name).name not in output
    assert output.endswith("False")
    assert not Path("/tmp/x").exists()


@needs("bwrap")
def test_it_can_look_up_its_own_name(workspace):
    assert "alice /agents/alice/home" in printed(
        workspace, "import pwd, os; me = pwd.getpwuid(os.getuid()); print(me.pw_name, me.pw_dir)"
    )


@pytest.mark.parametrize("target", ["/", "relative", "/etc", "/agents/bob", "/run/../etc", "/usr/bin"])
def test_a_bind_can_not_take_the_place_of_the_system(workspace, tmp_path, target):
    order = launch(workspace, "", binds=(Bind(source=str(tmp_path), target=target),))
    with pytest.raises(HiveError):
        BwrapRuntime().create(order)


@needs("bwrap")
def test_auto_takes_bwrap_where_it_works_and_says_nothing():
    assert probe() is None
    selected = select("auto")
    assert (selected.runtime.name, selected.warning) == ("bwrap", None)


def test_without_bubblewrap_auto_says_aloud_that_agents_run_unsandboxed(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    selected = select("auto")
    assert selected.runtime.name == "process"
    assert "UNSANDBOXED" in selected.warning
    assert "bubblewrap is not installed" in selected.warning


def test_a_root_daemon_without_a_sandbox_runs_no_agent_unless_the_settings_say_process(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(HiveError, match="root of this machine") as refusal:
        select("auto")
    assert 'runtime = "process"' in refusal.value.hint
    assert select("process").runtime.name == "process"


def test_a_sandbox_that_was_asked_for_is_never_replaced_by_none(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HiveError, match="not installed"):
        select("bwrap")


def test_an_unknown_runtime_is_refused_with_the_choices():
    with pytest.raises(HiveError) as refusal:
        select("docker")
    assert "auto, process, bwrap" in refusal.value.hint


@needs_root
@needs("bwrap", "setpriv")
def test_it_works_for_a_user_without_any_rights():
    nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
    done = subprocess.run([*nobody, *probe_argv()], capture_output=True, text=True, cwd="/", timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
