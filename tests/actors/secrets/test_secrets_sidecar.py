"""MCP servers beside a container, with real processes: the relay, the bridge and what ends them."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.sidecar import Sidecar
from actors.agent.workspace.paths import Workspace
from harness.claude.command import RELAY, Launch, command, mcp_servers
from harness.claude.mcp_file import mcp_file
from harness.claude.permissions import permissions
from tests.actors.agent.stand_ins import SERVE, everything_below, launch, lines_until, wait_end
from tests.harness.settings import settings
from tests.needs import REQUIRED, needs
from tests.waiting import SECONDS, until

pytestmark = pytest.mark.slow

VALUE = "s3cr3t-of-the-vault"
SERVER = Path(__file__).parents[2] / "redteam" / "vault_server.py"


WHY_NO_BWRAP = None if REQUIRED or shutil.which("bwrap") else "bwrap is not installed"
KINDS = [
    ProcessRuntime,
    pytest.param(BwrapRuntime, marks=pytest.mark.skipif(bool(WHY_NO_BWRAP), reason=str(WHY_NO_BWRAP))),
]


@pytest.fixture(params=KINDS)
def agent(request):
    with tempfile.TemporaryDirectory(prefix="hive-") as folder:
        yield Agent(Path(folder), request.param())


class Agent:
    """One container with one server beside it."""

    def __init__(self, place, runtime):
        self.runtime = runtime
        workspace = Workspace(place / "state", place / "run")
        workspace.state_dir.mkdir(mode=0o700)
        job = launch(workspace, SERVE)
        view = runtime.view(workspace, job.paths)
        server = view.shared / "vault_server.py"
        shutil.copy(SERVER, workspace.shared)
        env = {"PATH": "/usr/bin:/bin", "HOME": str(view.home), "HIVE_STATE_DIR": str(view.state), "VAULT_TOKEN": VALUE}
        sidecar = Sidecar("mcp0", "python3", ("-I", str(server)), env, {VALUE: "[secret:VAULT]"})
        self.job = replace(job, sidecars=(sidecar,))
        self.socket = job.paths.socket_dir / "mcp0"

    def __enter__(self):
        self.runtime.create(self.job)
        self.container = self.runtime.start(self.job)
        lines_until(self.runtime, self.job.paths, "up")
        return self

    def __exit__(self, *_):
        self.runtime.kill(self.container)

    def client(self):
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(RELAY), str(self.socket)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )


def call(client, tool):
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool}}
    client.stdin.write(json.dumps(request).encode() + b"\n")
    client.stdin.flush()
    return json.loads(client.stdout.readline())["result"]["content"][0]["text"]


def hang_up(client):
    client.stdin.close()
    assert client.wait(SECONDS) == 0
    client.stdout.close()


def test_the_server_has_the_secret_and_no_command_line_has_it(agent):
    with agent:
        client = agent.client()
        assert call(client, "digest") == hashlib.sha256(VALUE.encode()).hexdigest()
        for process in everything_below(agent.container.pid):
            assert VALUE not in " ".join(process.cmdline())
        if os.geteuid() == 0:
            holding = [one for one in everything_below(agent.container.pid) if VALUE in one.environ().values()]
            assert [one.cmdline()[-1] for one in holding] == [agent.job.sidecars[0].args[-1]]
        hang_up(client)


def test_each_connection_has_a_server_of_its_own_that_ends_with_it(agent):
    with agent:
        first, second = agent.client(), agent.client()
        assert call(first, "digest") == call(second, "digest")
        hang_up(first)
        assert call(second, "digest")
        hang_up(second)
        until(lambda: not [one for one in everything_below(agent.container.pid) if SERVER.name in " ".join(words(one))])


def test_more_connections_than_allowed_are_closed_and_break_nothing(agent):
    with agent:
        clients = [agent.client() for _ in range(4)]
        for client in clients:
            call(client, "digest")
        late = agent.client()
        assert late.stdout.read() == b""
        for client in (*clients, late):
            client.stdin.close()
            client.wait(SECONDS)
            client.stdout.close()
        until(lambda: tried(agent))


def tried(agent):
    client = agent.client()
    try:
        return call(client, "digest")
    except (ValueError, OSError):
        return None
    finally:
        client.kill()
        client.wait()
        client.stdout.close()
        client.stdin.close()


def test_the_standard_error_of_a_server_is_in_the_log_without_the_value(agent):
    with agent:
        client = agent.client()
        assert VALUE in call(client, "leak")
        lines = lines_until(agent.runtime, agent.job.paths, "mcp0: the token is")
        assert not [line for line in lines if VALUE in line]
        hang_up(client)


def test_servers_end_with_the_container(agent):
    with agent:
        client = agent.client()
        call(client, "digest")
        processes = everything_below(agent.container.pid)
        agent.runtime.stop(agent.container)
        wait_end(agent.runtime, agent.container)
        assert client.wait(SECONDS) is not None
        client.stdout.close()
        client.stdin.close()
        until(lambda: not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE])


def test_the_program_that_holds_the_secrets_cannot_be_read(agent):
    with agent:
        (holder,) = [one for one in everything_below(agent.container.pid) if "program.py" in " ".join(words(one))]
        assert Path(f"/proc/{holder.pid}").stat().st_uid == 0, "what is not dumpable belongs to root"
        assert VALUE not in str(holder.environ() if os.geteuid() == 0 else {})


def words(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


@needs("python3")
def test_a_relay_without_a_server_says_so(monkeypatch, tmp_path):
    code = f"import runpy, sys; sys.argv[1:] = ['{tmp_path}/none']; m = runpy.run_path('{RELAY}'); m['main'].__globals__['CONNECT_SECONDS'] = 0; sys.exit(m['main']())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "does not run" in done.stderr


def test_no_variable_of_a_server_is_on_the_command_line_and_the_file_is_there_only_while_claude_starts(tmp_path):
    one = replace(
        settings(extraMcpServers={"plain": {"command": "plain", "env": {"A": "literal-value"}}}), claude_dir=tmp_path
    )
    (tmp_path / "mcp.json").symlink_to("/etc/hostname")
    with mcp_file(one) as file:
        assert file.stat().st_mode & 0o777 == 0o600
        assert "literal-value" in file.read_text()
        argv = command(
            one,
            Launch("haiku", "id", resume=False),
            permissions(one.config, []),
            system_prompt="prompt",
            mcp_config=file,
        )
        assert argv[argv.index("--mcp-config") + 1] == str(file)
        assert "literal-value" not in " ".join(argv)
    assert list(tmp_path.iterdir()) == []
    assert Path("/etc/hostname").exists()


def test_claude_is_told_of_a_bridge_and_of_no_reference():
    one = settings(
        extraMcpServers={
            "plain": {"command": "plain", "env": {"A": "1"}},
            "vault": {"command": "vault", "env": {"T": "secret:VAULT"}},
        }
    )
    servers = mcp_servers(one)
    assert servers["plain"] == {"type": "stdio", "command": "plain", "args": [], "env": {"A": "1"}}
    assert servers["vault"]["args"] == ["-I", "-S", str(RELAY), "/run/hive/mcp0"]
    assert "secret:" not in json.dumps(servers)
