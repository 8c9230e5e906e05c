"""A hive of agents without the rest of the tree: the store, the broker, what an agent's life touches, and sockets."""

import json
import shutil
import tempfile
from pathlib import Path

from gevent.socket import AF_UNIX, SOCK_STREAM, socket

from actors.admission.actor import AdmissionActor
from actors.admission.messages import ADMISSION
from actors.agent.addresses import AGENTS, REGISTRY
from actors.agent.context import AgentContext
from actors.agent.registry import api, table
from actors.agent.registry.actor import RegistryActor
from actors.agent.registry.supervisor import agents_supervisor
from actors.agent.runtime import Container, Status
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.snapshot import AgentRecord, Desired
from actors.agent.socket.listener import agent_sockets
from actors.agent.workspace.paths import Workspace
from actors.proxy.messages import SOCKETS
from actors.proxy.sockets import ProxySocketsActor, Sockets
from actors.questions.actor import QuestionsActor
from actors.scheduler.actor import SchedulerActor
from actors.store import api as store
from actors.supervision import settle, which_children
from actors.telemetry.actor import TelemetryActor
from tests.actors.components import Components
from tests.waiting import SECONDS, until


class FakeRuntime(ProcessRuntime):
    """Containers that exist only here; a test ends them. They outlive whoever started them, as real ones do."""

    name = "fake"

    def __init__(self):
        self.alive, self.ended, self.watches = {}, {}, []
        self.launches, self.asked, self.killed = [], [], []
        self.obeys = True
        self.fails = None
        self.on_start = lambda _launch: None

    def create(self, launch):
        if self.fails is not None:
            raise self.fails

    def start(self, launch):
        self.launches.append(launch)
        container = Container(launch.paths.name, f"id{len(self.launches)}", self.name, 1000 + len(self.launches), 1)
        self.alive[launch.paths.name] = container
        self.on_start(launch)
        return container

    def stop(self, container):
        self.asked.append(container.id)
        if self.obeys:
            self.end(container.name, 0)

    def kill(self, container):
        self.killed.append(container.id)
        if self.alive.get(container.name) == container:
            self.end(container.name, 137)

    def end(self, name, status):
        """The container's own end, as the kernel would tell of it."""
        container = self.alive.pop(name)
        self.ended[container.id] = status
        for watch in list(self.watches):
            if watch.container == container:
                self.watches.remove(watch)
                watch.on_end()

    def find(self, paths):
        return self.alive.get(paths.name)

    def running(self, workspace):
        return list(self.alive.values())

    def status(self, paths, container):
        running = self.alive.get(container.name) == container
        return Status(running=running, exit_status=self.ended.get(container.id))

    def watch(self, container, on_end):
        watch = FakeWatch(self, container, on_end)
        self.watches.append(watch)
        return watch

    def logs(self, paths, lines):
        return ["first words", "last words"][-lines:]

    def destroy(self, paths):
        pass


class FakeWatch:
    def __init__(self, runtime, container, on_end):
        self.runtime, self.container, self.on_end = runtime, container, on_end

    def cancel(self):
        if self in self.runtime.watches:
            self.runtime.watches.remove(self)


class AgentHive(Components):
    """The rooms an agent needs. `close` stops them as the daemon's end does: containers stay."""

    def __init__(self, runtime=None, argv=("harness",), folder=None):
        # Not pytest's folder: a socket's path below it would be too long.
        self.place = folder or Path(tempfile.mkdtemp(prefix="hive-"))
        (self.place / "db").mkdir(exist_ok=True)
        super().__init__(self.place / "db")
        self.runtime = runtime or FakeRuntime()
        self.workspace = self.workspace_of(self.place)
        self.context = AgentContext(workspace=self.workspace, runtime=self.runtime, harness_argv=argv, stop_seconds=5.0)
        self.boot("telemetry", TelemetryActor(directory=self.directory, clock=self.clock))
        self.boot("questions", QuestionsActor(directory=self.directory, clock=self.clock))
        self.boot("scheduler", SchedulerActor(directory=self.directory, clock=self.clock, state_dir=lambda _name: None))
        if self.runtime.isolates_network:
            self.boot(SOCKETS, ProxySocketsActor(Sockets(), clock=self.clock))  # without a process: nobody connects
        self.boot(ADMISSION, AdmissionActor(clients=self.context.clients, directory=self.directory, clock=self.clock))
        self.boot(AGENTS, agents_supervisor(self.directory, self.clock))
        self.boot_registry()

    @staticmethod
    def workspace_of(place):
        return Workspace(place / "state", place / "run")

    name_check = staticmethod(lambda connection, name: None)
    subscribers = ()

    def registry_actor(self):
        return RegistryActor(
            context=self.context,
            sockets=self.listeners,
            name_check=self.name_check,
            subscribers=self.subscribers,
            directory=self.directory,
            clock=self.clock,
        )

    def listeners(self, name):
        return agent_sockets(name, context=self.context, directory=self.directory, clock=self.clock)

    def boot_registry(self):
        self.boot(REGISTRY, self.registry_actor())
        api.adopted(self.directory)  # it has seen who runs,
        api.snapshots(self.directory)  # and has begun to start the others, side by side
        registry = self.directory.actor(REGISTRY)
        until(lambda: not registry._reconciler._starting, "every agent is started or has failed to start")
        which_children(self.directory, AGENTS)
        api.snapshots(self.directory)  # they have said so

    def remove(self):
        """The machine is thrown away."""
        self.close()
        for container in self.runtime.running(self.workspace):
            self.runtime.kill(container)
        shutil.rmtree(self.place)

    def settle_in(self, names):
        """Have agents without going through git for each, which takes a while."""
        for name in names:
            paths = self.workspace.prepare(name)
            paths.applied_config.write_text("")
            record = AgentRecord(name=name, role="agent", desired=Desired.RUNNING, created_ms=self.clock.now_ms())
            store.write(self.directory, table.insert(record)).get(timeout=SECONDS)
        self.stop(REGISTRY)
        self.boot_registry()
        for name in names:
            self.until_running(name)

    def until_running(self, name):
        until(lambda: self.row(name).running, f"{name} runs")

    def row(self, name):
        settle()
        return api.row(self.directory, name)

    def state(self, name):
        return self.row(name).state

    def client(self, name):
        return Client(self.workspace.of(name).socket)

    def harness(self, name):
        return Client(self.workspace.of(name).harness_socket)

    def wakeups(self, name):
        return [message for message in self.mail(name) if message.kind == "kick"]


class Client:
    """A harness's end of an agent's socket."""

    def __init__(self, path):
        self.sock = socket(AF_UNIX, SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(str(path))
        self.lines = self.sock.makefile("r")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask(self, cmd, **arguments):
        self.send(cmd, **arguments)
        return self.reply()

    def send(self, cmd, **arguments):
        self.sock.sendall(json.dumps({"cmd": cmd, **arguments}).encode() + b"\n")

    def reply(self):
        return json.loads(self.lines.readline())

    def close(self):
        self.lines.close()
        self.sock.close()
