"""The whole tree in this process, over a fake runtime and a real state dir; a client for its sockets."""

import json
import shutil
import tempfile
from pathlib import Path

from gevent.socket import AF_UNIX, SOCK_STREAM, socket

from actors import supervision
from actors.agent.context import AgentContext
from actors.agent.registry import api as agents
from actors.agent.registry import table
from actors.agent.snapshot import AgentRecord, Desired
from actors.agent.workspace.paths import Workspace
from actors.daemon_settings import DaemonSettings
from actors.service.systemd import SILENT
from actors.store import api as store
from actors.supervision import Directory, SystemClock
from actors.tree import ROOT, AppContext, root
from harness.wire import framing
from tests.actors.agent.hive_parts import FakeRuntime
from tests.waiting import SECONDS, until


class WholeHive:
    """A running hive. `close` stops it as a signal does; containers stay until `remove`."""

    def __init__(self, runtime=None, clock=None, revision=None, **settings):
        # Not pytest's folder: a socket's path below it would be too long.
        self.place = Path(tempfile.mkdtemp(prefix="hive-"))
        self.config = DaemonSettings(
            **{"state_dir": self.place / "state", "run_dir": self.place / "run", "web_port": 0, **settings}
        )
        self.runtime = runtime or FakeRuntime()
        self.clock = clock or SystemClock()
        self.notifier, self.revision = SILENT, revision
        self.open()

    def open(self):
        workspace = Workspace(self.config.state_dir, self.config.run_dir)
        host = AgentContext(
            workspace=workspace,
            runtime=self.runtime,
            harness_argv=("harness",),
            stop_seconds=5.0,
            grace_seconds=self.config.grace_seconds,
            revision=self.revision,
        )
        self.directory = Directory(root=ROOT)
        self.app = AppContext(self.config, host, self.directory, self.clock, self.notifier)
        self.directory.boot(root(self.app))
        self.wait()

    def wait(self):
        until(lambda: agents.row(self.directory, "manager").running, "the manager runs")

    def settle_in(self, names):
        """Have agents, and a host that has just started; without going through git for each."""
        for name in names:
            paths = self.app.agents.workspace.prepare(name)
            paths.applied_config.write_text("")
            record = AgentRecord(name=name, role="agent", desired=Desired.RUNNING, created_ms=self.clock.now_ms())
            store.write(self.directory, table.insert(record)).get(timeout=SECONDS)
        self.close()
        self.open()
        for name in names:
            until(lambda name=name: agents.row(self.directory, name).running, f"{name} runs")

    def close(self):
        return self.directory.stop(ROOT, SECONDS)

    def remove(self):
        self.close()
        shutil.rmtree(self.place)

    def tree(self):
        return supervision.tree(self.directory)

    def node(self, name):
        """The room of that name in the tree."""
        node = self.tree()
        for part in name.split("/"):
            node = next(child for child in node["children"] if child["name"] == part)
        return node

    def host(self):
        return Wire(self.config.run_dir / "host.sock")

    def harness(self, container):
        """The harness's end of what the agent and its harness ask the host."""
        return Wire(Workspace(self.config.state_dir, self.config.run_dir).of(container).harness_socket)

    def agent(self, container):
        return Wire(Workspace(self.config.state_dir, self.config.run_dir).of(container).socket)


class Wire:
    """One connection to a socket of the host."""

    def __init__(self, path):
        self.sock = socket(AF_UNIX, SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(str(path))
        self.reader, self.lines = framing.LineReader(), []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def tell(self, cmd, **arguments):
        self.sock.sendall(framing.encode({"cmd": cmd, **arguments}))

    def line(self):
        while not self.lines:
            data = self.sock.recv(65536)
            if not data:
                return None
            self.lines += self.reader.feed(data)
        return json.loads(self.lines.pop(0))

    def ask(self, cmd, **arguments):
        self.tell(cmd, **arguments)
        return self.line()

    def until(self, wanted):
        """The first line of a stream for which `wanted` holds."""
        while not wanted(line := self.line()):
            assert line is not None, "the stream ended"
        return line
