"""What an agent can and cannot do from inside an nspawn container, tried by programs in the place of its harness."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import psutil
import pytest

from actors.agent.container.logs import of_last_life
from actors.agent.runtime import nspawn
from actors.agent.runtime.belongings import Belongings
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.runtime.selection import select
from actors.agent.workspace.paths import Workspace
from harness.wire.agent_config import Bind, Limits
from harness.wire.errors import HiveError
from tests.actors.agent.nspawn_parts import clean_up, needs_nspawn, with_image
from tests.actors.agent.stand_ins import SERVE, everything_below, launch, lines_until, wait_end

ESCAPES = Path(__file__).with_name("nspawn_escapes.py").read_text()

pytestmark = needs_nspawn(pytest.mark.slow)


@pytest.fixture
def workspace(tmp_path):
    return with_image(Workspace(tmp_path / "state", tmp_path / "run"))


@pytest.fixture
def runtime(workspace):
    runtime = NspawnRuntime()
    yield runtime
    clean_up(runtime, workspace)


@pytest.fixture
def tried(runtime, workspace):
    """Run a program to its end inside; what it printed."""

    def run(text, name="alice", env=None, **more):
        order = launch(workspace, text, name=name, **more)
        order.env.update(env or {})
        order.paths.log.unlink(missing_ok=True)
        runtime.create(order)
        container = runtime.start(order)
        wait_end(runtime, container)
        return "\n".join(of_last_life(runtime.logs(order.paths, 500)))

    return run


@pytest.fixture
def running(runtime, workspace):
    def run(text=SERVE, name="alice", **more):
        order = launch(workspace, text, name=name, **more)
        runtime.create(order)
        container = runtime.start(order)
        lines_until(runtime, order.paths, "up")
        return container

    return run


# ---- a user inside, nobody outside -------------------------------------------------------------------


def targets(workspace, **more) -> dict[str, str]:
    """What there is to be found on this host, and nowhere else."""
    bob = workspace.prepare("bob")
    Belongings(bob, inside=nspawn.UID).give()
    (bob.state / "secret").write_text("only for bob")
    disk = os.stat("/").st_dev
    told = {
        "digests": [sha256(Path(path).read_bytes()).hexdigest() for path in ("/etc/shadow", bob.state / "secret")],
        "secret": str(bob.state / "secret"),
        "disk": [os.major(disk), os.minor(disk)],
        "device": next(part.device for part in psutil.disk_partitions(all=True) if part.mountpoint == "/"),
        "own": "/agents/alice/state",
        "uid": Belongings(bob).base,
    }
    return {"TARGETS": json.dumps(told | more)}


def test_nobody_inside_can_read_the_hosts_shadow_nor_another_agents_state(tried, workspace):
    said = json.loads(tried(ESCAPES, env=targets(workspace)))
    assert said["found"] == []
    assert len(said["refused"]) >= 18, said


def test_the_same_program_finds_it_all_where_nothing_holds_it(workspace):
    env = targets(workspace, only_reads=True)
    said = json.loads(subprocess.run([sys.executable, "-c", ESCAPES], env=env, capture_output=True, check=True).stdout)
    assert {"shadow", "secret"} <= set(said["found"])
    assert any(one.startswith("/proc/") and one.endswith(" secret") for one in said["found"])


def test_everything_inside_is_nobody_outside(running, runtime, workspace):
    container = running()
    agent = runtime.owner(workspace.of("alice"))
    inside = [one for one in everything_below(container.pid) if one.uids().real != 0]
    assert [one.uids().real for one in inside] == [agent - nspawn.UID, agent]  # the init and the program


def test_what_it_writes_belongs_on_the_host_to_its_own_uid(tried, runtime, workspace):
    said = tried("open('notes.md', 'w').write('x'); import os; os.chown('notes.md', 33, 33)")
    assert "Operation not permitted" in said
    alice = workspace.of("alice")
    status = (alice.state / "notes.md").stat()
    assert (status.st_uid, status.st_gid) == (runtime.owner(alice),) * 2


LOOK = """
import getpass, json, os, subprocess
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
written = []
for place in ("/etc/claude-code/managed-settings.json", "/etc/ld.so.preload", "/usr/local/bin/python3", "/root/x", "/opt/x"):
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        written.append(open(place, "w").name)
    except OSError:
        pass
git = subprocess.run(["git", "config", "user.name"], capture_output=True, text=True).stdout.strip()
print(json.dumps([status["CapEff"].strip(), status["CapBnd"].strip(), status["NoNewPrivs"].strip(), getpass.getuser(), git, written]))
"""


def test_the_agent_is_a_user_without_capabilities_who_cannot_change_the_system(tried):
    none = "0" * 16
    assert json.loads(tried(LOOK)) == [none, none, "1", "alice", "alice", []]


def test_a_key_is_on_no_command_line_and_what_the_environment_says_is_obeyed_only_inside(running, workspace):
    order_env = {"API_KEY": "do-not-show-this", "LD_PRELOAD": "/nowhere.so", "SYSTEMD_LOG_LEVEL": "debug"}
    order = launch(workspace, SERVE)
    order.env.update(order_env)
    runtime = NspawnRuntime()
    runtime.create(order)
    container = runtime.start(order)
    lines_until(runtime, order.paths, "up")
    below = everything_below(container.pid)
    assert not any("do-not-show-this" in word for one in below for word in one.cmdline())
    outside = [one for one in below if one.uids().real == 0]
    assert len(outside) == 2  # the shim and nspawn
    assert not any(order_env.keys() & one.environ().keys() for one in outside)
    assert below[-1].environ()["API_KEY"] == "do-not-show-this"


def test_a_variable_that_no_shell_can_set_is_refused(runtime, workspace):
    order = launch(workspace, "")
    order.env["a-b"] = "x"
    with pytest.raises(HiveError, match="no shell can set"):
        runtime.create(order)


def test_values_with_quotes_and_line_breaks_arrive_as_they_are(tried):
    value = 'it\'s "so"\n$(false) `true` \\ é'
    assert tried("import os; print(ascii(os.environ['ODD']))", env={"ODD": value}).strip() == ascii(value)


# ---- what they share -----------------------------------------------------------------------------------


def test_in_shared_every_agent_can_change_what_another_made(tried):
    tried("import os; os.umask(0o077); os.mkdir('/shared/plan'); open('/shared/plan/a.md', 'w').write('alice')")
    assert "alice" in tried("f = open('/shared/plan/a.md', 'r+'); print(f.read()); f.write(' and bob')", name="bob")
    assert "alice and bob" in tried("print(open('/shared/plan/a.md').read())")


def test_the_manager_writes_every_config_and_sees_nothing_else_of_an_agent(tried, workspace):
    tried("open('notes.md', 'w').write('from alice'); open('/agents/alice/claude/.credentials.json', 'w').write('x')")
    look = """
import os
print(os.listdir('/agents/alice'), sorted(os.listdir('/agents/hm1nd')))
open('/agents/alice/config/agent.toml', 'w').write('model = "haiku"')
for change in (lambda: os.rename('/agents/alice/config', '/agents/alice/x'), lambda: os.mkdir('/agents/eve'),
               lambda: os.symlink('/', '/agents/alice/state'), lambda: os.rmdir('/agents/hm1nd')):
    try: print('done', change())
    except OSError as error: print(type(error).__name__, error.errno)
print(sorted(os.listdir('/applied')), os.access('/applied', os.W_OK), open('/applied/alice/deep/agent.toml').read())
"""
    (workspace.of("alice").applied / "deep").mkdir(mode=0o700)
    (workspace.of("alice").applied / "deep/agent.toml").write_text("in force")
    said = tried(look, name="hm1nd", manager=True)
    first, *refused = said.splitlines()[:5]
    assert first == "['config'] ['claude', 'config', 'home', 'state']"
    assert not any("done" in one for one in refused), "what lies around a config is the host's"
    assert "['alice', 'hm1nd'] False in force" in said
    wrong = tried("print(open('/agents/alice/config/agent.toml').read()); open('/agents/alice/config/x', 'w')")
    assert 'model = "haiku"' in wrong
    assert "Read-only file system" in wrong


def test_what_the_host_makes_for_a_running_manager_is_handed_over_and_what_it_lays_out_to_the_new_agent(
    runtime, workspace, tried
):
    wait = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("up", flush=True)
signal.sigwait([signal.SIGTERM])
print(open('/agents/carol/config/agent.toml', 'r+').read())
open('/agents/carol/state/first.md', 'w').write('from the manager')
"""
    order = launch(workspace, wait, name="hm1nd", manager=True)
    runtime.create(order)
    container = runtime.start(order)
    lines_until(runtime, order.paths, "up")
    draft = workspace.prepare("carol")
    (draft.config / "agent.toml").write_text("a draft")
    workspace.stage("carol")
    runtime.hand_over(draft)
    runtime.stop(container)
    wait_end(runtime, container)
    assert of_last_life(runtime.logs(order.paths, 2)) == ["a draft"]
    workspace.take_staged("carol")
    mine = "print(open('first.md').read()); open('first.md', 'w').write('mine now'); print(open('first.md').read())"
    assert tried(mine, name="carol").split("\n")[:2] == ["from the manager", "mine now"]


COMMIT = """
import subprocess, os
os.chdir('/agents/alice/config')
for words in (['init', '-q'], ['commit', '-q', '--allow-empty', '-m', 'x']):
    subprocess.run(['git', *words], check=True, env={'PATH': os.environ['PATH'], 'HOME': os.environ.get('HOME', '/')})
"""


def test_commits_carry_the_name_of_the_agent_and_the_other_one_can_read_them(tried, workspace):
    workspace.prepare("alice")
    Belongings(workspace.of("alice"), inside=nspawn.UID).give()
    assert tried(COMMIT, name="hm1nd", manager=True) == ""
    show = "import subprocess; subprocess.run(['git', '-C', '/agents/alice/config', 'log', '--format=%an <%ae>'])"
    assert tried(show) == "hm1nd <hm1nd@hive.invalid>"


def test_a_writable_bind_makes_its_root_the_owner_of_the_source(tried, tmp_path):
    project = tmp_path / "a: project"
    project.mkdir(mode=0o700)
    os.chown(project, 1234, 1235)
    bind = Bind(source=str(project), target="/project", writable=True)
    assert tried("open('/project/file', 'w').write('x')", binds=(bind,)) == ""
    status = (project / "file").stat()
    assert (status.st_uid, status.st_gid) == (1234, 1235)
    assert "Read-only" in tried("open('/project/b', 'w')", binds=(bind.model_copy(update={"writable": False}),))


# ---- limits --------------------------------------------------------------------------------------------


def test_a_memory_limit_is_for_all_processes_together(tried, runtime, workspace):
    hog = "x = bytearray(30 << 20); print('held', flush=True); import signal; signal.pause()"
    crowd = f"""
import subprocess, sys
crowd = [subprocess.Popen([sys.executable, '-c', {hog!r}], stdout=subprocess.PIPE) for _ in range(4)]
for one in crowd: one.stdout.readline()
for one in crowd: one.kill()
"""
    for limits in (Limits(), Limits(memory="100M")):
        order = launch(workspace, crowd, limits=limits)
        runtime.create(order)
        container = runtime.start(order)
        wait_end(runtime, container)
        assert runtime.status(order.paths, container).out_of_memory == (limits != Limits())


def test_a_limit_of_processes_stops_a_fork_bomb(tried):
    bomb = """
import os, signal
children = []
try:
    while len(children) < 200:
        pid = os.fork()
        if pid == 0: signal.pause()
        children.append(pid)
except BlockingIOError: print('no more after', len(children))
"""
    said = tried(bomb, limits=Limits(pids=40))
    assert 10 < int(said.split()[-1]) < 40


def test_a_cpu_limit_slows_it_down(tried):
    burn = """
import time
begun, spent = time.monotonic(), time.process_time()
while time.monotonic() - begun < 0.6: pass
print((time.process_time() - spent) / (time.monotonic() - begun))
"""
    assert float(tried(burn, limits=Limits(cpu=0.25))) < 0.5


def test_every_limit_says_that_it_holds_for_everything_together(runtime):
    said = runtime.limits(Limits(memory="1G", cpu=1.0, pids=10))
    assert {text.partition(" (")[0] for text in said.values()} == {"for everything it runs together"}


# ---- choosing it ---------------------------------------------------------------------------------------


def test_it_is_used_only_when_asked_for_and_refused_where_it_can_not_work(monkeypatch):
    assert select("nspawn").runtime.name == "nspawn"
    assert select("auto").runtime.name != "nspawn"
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(HiveError, match="needs root"):
        select("nspawn")


def test_without_the_image_the_way_to_it_is_told(runtime, tmp_path):
    bare = Workspace(tmp_path / "bare", tmp_path / "run")
    with pytest.raises(HiveError) as refusal:
        runtime.create(launch(bare, ""))
    assert "hive image build" in refusal.value.hint


def test_a_python_that_the_image_does_not_have_is_refused_in_words(runtime, workspace, monkeypatch):
    order = launch(workspace, "")
    object.__setattr__(order, "programs", ())
    monkeypatch.setattr(nspawn.sys, "executable", "/opt/python/bin/python3")
    with pytest.raises(HiveError, match="has no /opt/python"):
        runtime.create(order)


def test_processes_of_one_agent_are_not_to_be_seen_by_another(running, tried):
    running(name="bob")
    assert psutil.pid_exists(running(name="carol").pid)
    said = tried("import os; print([p for p in os.listdir('/proc') if p.isdigit()])")
    assert said == "['1', '2']"
