"""The supervised tree as a literal list: who is started, in which order, and what happens when one ends.

Children start from top to bottom and stop from bottom to top. Read it next to `hive actors`.
"""

import functools
import grp
import os
import pwd
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from actors.admission import api as admission
from actors.admission.actor import AdmissionActor
from actors.admission.messages import ADMISSION
from actors.agent.addresses import AGENTS, REGISTRY
from actors.agent.context import AgentContext
from actors.agent.registry import table as agent_table
from actors.agent.registry.actor import RegistryActor
from actors.agent.registry.supervisor import agents_supervisor
from actors.agent.runtime.userns import Ranges
from actors.agent.socket.listener import agent_sockets
from actors.agent.socket.peers import peer_spec
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import QUEUE
from actors.approvals.queries import check_not_being_spawned
from actors.approvals.supervisor import approvals_spec
from actors.broker.actor import BrokerActor
from actors.crashwatch.actor import CrashwatchActor
from actors.credentials.actor import CREDENTIALS, CredentialsActor
from actors.daemon_settings import DaemonSettings
from actors.dashboard.messages import WEB
from actors.dashboard.supervisor import dashboard_supervisor
from actors.gateway import surface
from actors.gateway.context import OperatorContext
from actors.gateway.stream import StreamActor
from actors.listener import Listener
from actors.peers import api as peers
from actors.peers.context import PeersContext
from actors.peers.supervisor import peers_spec
from actors.proxy.control import ProxyProgram
from actors.proxy.supervisor import proxy_spec
from actors.quarantine.actor import QuarantineActor
from actors.quarantine.messages import QUARANTINE
from actors.questions.actor import QuestionsActor
from actors.quotas.actor import QuotasActor
from actors.quotas.messages import QUOTAS
from actors.routes import handler, verbs
from actors.scheduler.actor import SchedulerActor
from actors.search.actor import SearchActor
from actors.search.messages import SEARCH
from actors.service.actor import ServiceActor
from actors.service.messages import OnStop
from actors.service.systemd import SILENT, Notifier
from actors.sessions.actor import SessionsActor
from actors.sessions.messages import SESSIONS
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import (
    Backoff,
    ChildSpec,
    ChildType,
    Clock,
    Directory,
    Restart,
    Shutdown,
    Strategy,
    Supervisor,
    SupervisorFlags,
)
from actors.telemetry.actor import TelemetryActor
from actors.terminals.supervisor import terminals_spec
from actors.triage.actor import TriageActor
from actors.triage.messages import TRIAGE
from actors.updates.actor import UpdatesActor
from harness.wire.verb import Caller

ROOT = "hive"


@dataclass(frozen=True, slots=True)
class AppContext:
    """What every component is built from."""

    config: DaemonSettings
    agents: AgentContext
    directory: Directory
    clock: Clock
    notifier: Notifier = SILENT
    on_page: Callable[[str | None], None] = lambda _trouble: None
    """Called with None when the dashboard answers, and with a sentence when its port is taken."""


def root(app: AppContext) -> Supervisor:
    """The root supervisor, unstarted. When it gives up, the process ends with an error."""
    flags = SupervisorFlags(Strategy.ONE_FOR_ONE, intensity=10, period=60.0, backoff=Backoff())
    return Supervisor(flags, children(app), directory=app.directory, clock=app.clock)


def children(app: AppContext) -> list[ChildSpec]:
    """The children of the root."""
    directory, clock = app.directory, app.clock
    specs = [
        ChildSpec("service", lambda: _service(app), drain=True),
        ChildSpec("store", lambda: _store(app), shutdown=30.0),
        ChildSpec("broker", lambda: BrokerActor(directory=directory, clock=clock), shutdown=15.0, drain=True),
        ChildSpec("questions", lambda: QuestionsActor(directory=directory, clock=clock), drain=True),
        ChildSpec("scheduler", lambda: _scheduler(app), drain=True),
        ChildSpec("telemetry", lambda: TelemetryActor(directory=directory, clock=clock), drain=True),
        ChildSpec("crashwatch", lambda: _crashwatch(app)),
        ChildSpec(ADMISSION, lambda: _admission(app)),
        *_proxy(app),
        _supervisor(AGENTS, lambda: _agents(app)),
        ChildSpec(REGISTRY, lambda: _registry(app)),
        ChildSpec(QUOTAS, lambda: _quotas(app)),
        approvals_spec(ApprovalContext.of(app.config, app.agents), directory, clock),
        peers_spec(_peers(app), directory, clock),
        ChildSpec(SESSIONS, lambda: _sessions(app)),
        _terminals(app),
        ChildSpec(TRIAGE, lambda: TriageActor(directory=directory, clock=clock)),
        ChildSpec(QUARANTINE, lambda: _quarantine(app)),
        ChildSpec(SEARCH, lambda: _search(app), shutdown=15.0),
        *_credentials(app),
        ChildSpec("updates", lambda: _updates(app), restart=Restart.TRANSIENT),
        _supervisor("gateway", lambda: _gateway(app)),
    ]
    if app.config.web_port:
        specs.append(_supervisor(WEB, lambda: _dashboard(app)))
    else:
        app.notifier.store.forget_others(None)  # the port of a dashboard that there was before
    return specs


def _supervisor(name: str, start: Callable[[], Supervisor]) -> ChildSpec:
    """A supervisor waits for its own children, who have their own deadlines."""
    return ChildSpec(name, start, shutdown=Shutdown.INFINITY, type=ChildType.SUPERVISOR)


def _service(app: AppContext) -> ServiceActor:
    return ServiceActor(
        notifier=app.notifier,
        on_stop=OnStop.STOP if app.config.agents_on_stop == "stop" else OnStop.KEEP,
        grace_seconds=app.config.grace_seconds,
        directory=app.directory,
        clock=app.clock,
    )


def _admission(app: AppContext) -> AdmissionActor:
    return AdmissionActor(clients=app.agents.clients, directory=app.directory, clock=app.clock)


def _dashboard(app: AppContext) -> Supervisor:
    return dashboard_supervisor(
        app.config, app.directory, app.clock, app.on_page, uid=_web_uid(app), store=app.notifier.store
    )


def _web_uid(app: AppContext) -> int | None:
    """Root's web process is nobody on this machine, unless the settings name a user for it."""
    if os.geteuid() != 0 or app.config.web_user:
        return None
    return Ranges(app.config.state_dir).base(".web")


def _proxy(app: AppContext) -> list[ChildSpec]:
    """Where containers have no network of their own there is nothing for it to serve."""
    if not app.agents.runtime.isolates_network:
        return []
    state_dir = app.config.state_dir
    # Root's proxy is nobody on this machine: a user that no agent and no person has.
    uid = Ranges(state_dir).base(".proxy") if os.geteuid() == 0 else None
    program = ProxyProgram(app.config.run_dir / "proxy", state_dir / "proxy.log", uid, app.agents.revision)
    return [proxy_spec(program, directory=app.directory, clock=app.clock)]


def _credentials(app: AppContext) -> list[ChildSpec]:
    """Without a file there is nothing to watch: the secret store tells of a token itself."""
    file = app.config.claude_api_key_file
    if file is None:
        return []
    return [ChildSpec(CREDENTIALS, lambda: CredentialsActor(file, directory=app.directory, clock=app.clock))]


def _agents(app: AppContext) -> Supervisor:
    width = 1 if app.agents.runtime.one_at_a_time else app.config.wave_width
    return agents_supervisor(app.directory, app.clock, ready_seconds=app.config.ready_seconds, width=width)


def _peers(app: AppContext) -> PeersContext:
    workspace = app.agents.workspace
    return PeersContext(
        run_dir=workspace.run_dir,
        was_agent=lambda name: workspace.of(name).root.exists(),
        check_no_agent=agent_table.check_no_agent,
        forget_client=functools.partial(admission.forget, app.directory, app.agents.clients),
        listener=functools.partial(
            peer_spec, clients=app.agents.clients, rates=app.agents.rates, redactor=app.agents.redactor()
        ),
    )


def _sessions(app: AppContext) -> SessionsActor:
    return SessionsActor(seconds=app.config.session_seconds, directory=app.directory, clock=app.clock)


def _terminals(app: AppContext) -> ChildSpec:
    return terminals_spec(
        app.agents,
        enabled=app.config.terminals,
        days=app.config.transcript_days,
        directory=app.directory,
        clock=app.clock,
    )


def _registry(app: AppContext) -> RegistryActor:
    def sockets(name: str) -> tuple[ChildSpec, ...]:
        return agent_sockets(name, context=app.agents, directory=app.directory, clock=app.clock)

    return RegistryActor(
        context=app.agents,
        sockets=sockets,
        name_check=check_not_being_spawned,
        subscribers=(QUEUE,),
        directory=app.directory,
        clock=app.clock,
    )


def _quotas(app: AppContext) -> QuotasActor:
    return QuotasActor(
        context=app.agents,
        reserve_bytes=app.config.reserve_bytes,
        transcript_days=app.config.transcript_days,
        directory=app.directory,
        clock=app.clock,
    )


def _updates(app: AppContext) -> UpdatesActor:
    return UpdatesActor(
        revision=app.agents.revision, auto=app.config.auto_update, directory=app.directory, clock=app.clock
    )


def _store(app: AppContext) -> StoreActor:
    folder = app.config.state_dir / "db"
    return StoreActor(
        paths={database: folder / f"{database.value}.sqlite" for database in Database},
        clock=app.clock,
        reserve_bytes=app.config.reserve_bytes,
    )


def _quarantine(app: AppContext) -> QuarantineActor:
    folders = (app.config.state_dir, app.config.run_dir)
    return QuarantineActor(folders=folders, directory=app.directory, clock=app.clock)


def _search(app: AppContext) -> SearchActor:
    path = app.config.state_dir / "db" / "search.sqlite"
    return SearchActor(path=path, directory=app.directory, clock=app.clock)


def _crashwatch(app: AppContext) -> CrashwatchActor:
    seconds = app.config.stuck_seconds
    return CrashwatchActor(directory=app.directory, clock=app.clock, stuck_seconds=seconds)


def _scheduler(app: AppContext) -> SchedulerActor:
    def state_dir(agent: str) -> Path | None:
        """Read from the table and the path alone: the registry asks the scheduler, which must not ask back."""
        return None if peers.is_peer(app.directory, agent) else app.agents.workspace.of(agent).state

    return SchedulerActor(directory=app.directory, clock=app.clock, state_dir=state_dir)


def _gateway(app: AppContext) -> Supervisor:
    """The stream first: a listener without it could not answer `events`."""
    flags = SupervisorFlags(Strategy.REST_FOR_ONE, intensity=10, period=60.0)
    specs = [
        ChildSpec("stream", lambda: StreamActor(clock=app.clock)),
        ChildSpec("host", lambda: _host_listener(app)),
        ChildSpec("web", lambda: _web_listener(app)),
    ]
    return Supervisor(flags, specs, directory=app.directory, clock=app.clock)


def _host_listener(app: AppContext) -> Listener:
    group = app.config.admin_group
    return Listener(
        path=app.config.run_dir / "host.sock",
        verbs=verbs(surface.ROUTES, Caller.OPERATOR),
        handler=handler(surface.ROUTES, _operator_context(app)),
        mode=0o660 if group else 0o600,
        owner=(os.geteuid(), grp.getgrnam(group).gr_gid) if group else None,
        clock=app.clock,
    )


def _web_listener(app: AppContext) -> Listener:
    user, uid = app.config.web_user, _web_uid(app)
    entry = pwd.getpwnam(user) if user else None
    who = (entry.pw_uid, entry.pw_gid) if entry else (uid, uid) if uid is not None else None
    return Listener(
        path=app.config.run_dir / "web.sock",
        verbs=verbs(surface.ROUTES, Caller.WEB),
        handler=handler(surface.ROUTES, _operator_context(app)),
        owner=who,
        allowed_uids=None if who is None else frozenset({os.geteuid(), who[0]}),
        clock=app.clock,
    )


def _operator_context(app: AppContext) -> OperatorContext:
    return OperatorContext(app.directory, app.config, app.clock)
