"""The supervised tree as a literal list: who is started, in which order, and what happens when one ends.

Children start from top to bottom and stop from bottom to top. Read it next to `hive actors`.
"""

import grp
import os
import pwd
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.agent.host import AgentHost
from actors.agent.roster import RosterActor
from actors.agent.specs import agents_supervisor
from actors.approvals.host import ApprovalHost
from actors.approvals.room import approvals_spec
from actors.broker.actor import BrokerActor
from actors.config import HostConfig
from actors.crashwatch.actor import CrashwatchActor
from actors.gateway import surface
from actors.gateway.context import OperatorContext
from actors.gateway.stream import StreamActor
from actors.listener import Listener
from actors.peers import table as peers_table
from actors.peers.room import peers_spec
from actors.questions.actor import QuestionsActor
from actors.routes import handler, verbs
from actors.scheduler.actor import SchedulerActor
from actors.service.actor import ServiceActor
from actors.service.messages import OnStop
from actors.service.notify import SILENT, Notifier
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import (
    Backoff,
    ChildSpec,
    ChildType,
    Clock,
    Directory,
    ProcessActor,
    Restart,
    Shutdown,
    Strategy,
    Supervisor,
    SupervisorFlags,
)
from actors.telemetry.actor import TelemetryActor
from actors.updates.actor import UpdatesActor
from harness.wire.verb import Caller

ROOT = "hive"


@dataclass(frozen=True, slots=True)
class House:
    """What every room is built from."""

    config: HostConfig
    host: AgentHost
    directory: Directory
    clock: Clock
    notifier: Notifier = SILENT


def root(house: House) -> Supervisor:
    """The root supervisor, unstarted. When it gives up, the process ends with an error."""
    flags = SupervisorFlags(Strategy.ONE_FOR_ONE, intensity=10, period=60.0, backoff=Backoff())
    return Supervisor(flags, children(house), directory=house.directory, clock=house.clock)


def children(house: House) -> list[ChildSpec]:
    """The tree's first floor."""
    directory, clock = house.directory, house.clock
    floor = [
        ChildSpec("service", lambda: _service(house), drain=True),
        ChildSpec("store", lambda: _store(house), shutdown=30.0),
        ChildSpec("broker", lambda: BrokerActor(directory=directory, clock=clock), shutdown=15.0, drain=True),
        ChildSpec("questions", lambda: QuestionsActor(directory=directory, clock=clock), drain=True),
        ChildSpec("scheduler", lambda: _scheduler(house), drain=True),
        ChildSpec("telemetry", lambda: TelemetryActor(directory=directory, clock=clock), drain=True),
        ChildSpec("crashwatch", lambda: _crashwatch(house)),
        _supervisor("agents", lambda: _agents(house)),
        ChildSpec("roster", lambda: RosterActor(host=house.host, directory=directory, clock=clock)),
        approvals_spec(ApprovalHost.of(house.config, house.host), directory, clock),
        peers_spec(house.host.workspace, directory, clock),
        ChildSpec("updates", lambda: _updates(house), restart=Restart.TRANSIENT),
        _supervisor("gateway", lambda: _gateway(house)),
    ]
    if house.config.web_port:
        floor.append(_supervisor("web", lambda: _web(house)))
    return floor


def _supervisor(name: str, start: Callable[[], Supervisor]) -> ChildSpec:
    """A supervisor waits for its own children, who have their own deadlines."""
    return ChildSpec(name, start, shutdown=Shutdown.INFINITY, type=ChildType.SUPERVISOR)


def _service(house: House) -> ServiceActor:
    return ServiceActor(
        notifier=house.notifier,
        on_stop=OnStop.STOP if house.config.agents_on_stop == "stop" else OnStop.KEEP,
        grace_seconds=house.config.grace_seconds,
        directory=house.directory,
        clock=house.clock,
    )


def _agents(house: House) -> Supervisor:
    width = 1 if house.host.runtime.one_at_a_time else house.config.wave_width
    return agents_supervisor(house.directory, house.clock, ready_seconds=house.config.ready_seconds, width=width)


def _updates(house: House) -> UpdatesActor:
    return UpdatesActor(
        revision=house.host.revision, auto=house.config.auto_update, directory=house.directory, clock=house.clock
    )


def _store(house: House) -> StoreActor:
    folder = house.config.state_dir / "db"
    return StoreActor(paths={database: folder / f"{database.value}.sqlite" for database in Database}, clock=house.clock)


def _crashwatch(house: House) -> CrashwatchActor:
    seconds = house.config.stuck_seconds
    return CrashwatchActor(directory=house.directory, clock=house.clock, stuck_seconds=seconds)


def _scheduler(house: House) -> SchedulerActor:
    def state_dir(agent: str) -> Path | None:
        """Told from the table and the path alone: the roster asks the scheduler, so this one must not ask back."""
        return None if peers_table.is_peer(house.directory, agent) else house.host.workspace.of(agent).state

    return SchedulerActor(directory=house.directory, clock=house.clock, state_dir=state_dir)


def _gateway(house: House) -> Supervisor:
    """The stream first: a listener without it could not answer `events`."""
    flags = SupervisorFlags(Strategy.REST_FOR_ONE, intensity=10, period=60.0)
    floor = [
        ChildSpec("stream", lambda: StreamActor(clock=house.clock)),
        ChildSpec("host", lambda: _host_listener(house)),
        ChildSpec("web", lambda: _web_listener(house)),
    ]
    return Supervisor(flags, floor, directory=house.directory, clock=house.clock)


def _host_listener(house: House) -> Listener:
    group = house.config.admin_group
    return Listener(
        path=house.config.run_dir / "host.sock",
        verbs=verbs(surface.ROUTES, Caller.OPERATOR),
        handler=handler(surface.ROUTES, _context(house)),
        mode=0o660 if group else 0o600,
        owner=(os.geteuid(), grp.getgrnam(group).gr_gid) if group else None,
        clock=house.clock,
    )


def _web_listener(house: House) -> Listener:
    user = house.config.web_user
    entry = pwd.getpwnam(user) if user else None
    return Listener(
        path=house.config.run_dir / "web.sock",
        verbs=verbs(surface.ROUTES, Caller.WEB),
        handler=handler(surface.ROUTES, _context(house)),
        owner=(entry.pw_uid, entry.pw_gid) if entry else None,
        allowed_uids=frozenset({os.geteuid(), entry.pw_uid}) if entry else None,
        clock=house.clock,
    )


def _web(house: House) -> Supervisor:
    """Keeps the web process alive for ever: a page that can not start (its port is taken) must not end the hive.

    With these pauses it is tried eight times in its first minute and twice in every later one: never too often.
    """
    flags = SupervisorFlags(intensity=30, period=60.0, backoff=Backoff(first=0.5, factor=2.0, cap=30.0))
    process = ChildSpec("process", lambda: _web_process(house), shutdown=10.0)
    return Supervisor(flags, [process], directory=house.directory, clock=house.clock)


def _web_process(house: House) -> ProcessActor:
    """The web process: told where its socket and the token are, and nothing else of this process's environment."""
    config = house.config
    argv = [
        sys.executable, "-m", "web.main",
        "--socket", str(config.run_dir / "web.sock"),
        "--host", config.web_host,
        "--port", str(config.web_port),
        "--token-file", str(config.token_file),
    ]  # fmt: skip
    if config.web_user:
        argv += ["--user", config.web_user]
    return ProcessActor(argv, stdout=config.state_dir / "web.log", clock=house.clock)


def _context(house: House) -> OperatorContext:
    return OperatorContext(house.directory, house.config, house.clock)
