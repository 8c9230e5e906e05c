"""The dashboard in the tree: its port, the process that serves it, and the look at whether it answers."""

from collections.abc import Callable
from hashlib import sha256

from actors.daemon_settings import DaemonSettings
from actors.dashboard.page import PageActor
from actors.dashboard.port import PortActor
from actors.dashboard.process import WebProcessActor
from actors.service.descriptor_store import DescriptorStore
from actors.supervision import Backoff, ChildSpec, Clock, Directory, Strategy, Supervisor, SupervisorFlags


def dashboard_supervisor(
    config: DaemonSettings,
    directory: Directory,
    clock: Clock,
    on_page: Callable[[str | None], None] = lambda _trouble: None,
    *,
    uid: int | None = None,
    store: DescriptorStore | None = None,
) -> Supervisor:
    """Keeps the web process alive for ever: a page that cannot start must not end the hive.

    With these pauses it is tried eight times in its first minute and twice in every later one: never too often. A new
    port needs a new process; a new process has the old port. `uid`: whom the process becomes, see `WebProcessActor`.
    `store`: keeps the port over a restart of the daemon.
    """
    flags = SupervisorFlags(
        Strategy.REST_FOR_ONE, intensity=30, period=60.0, backoff=Backoff(first=0.5, factor=2.0, cap=30.0)
    )
    specs = [
        ChildSpec("port", lambda: _port(config, directory, clock, on_page, store or DescriptorStore())),
        ChildSpec("process", lambda: WebProcessActor(config, uid, directory=directory, clock=clock), shutdown=10.0),
        ChildSpec("page", lambda: PageActor(on_answer=lambda: on_page(None), directory=directory, clock=clock)),
    ]
    return Supervisor(flags, specs, directory=directory, clock=clock)


def _port(
    config: DaemonSettings,
    directory: Directory,
    clock: Clock,
    on_page: Callable[[str | None], None],
    store: DescriptorStore,
) -> PortActor:
    # Sessions are in the database of this state dir: what was held for another one says nothing of them.
    key = f"hive-web-{sha256(bytes(config.state_dir)).hexdigest()[:8]}"
    store.forget_others(key)
    return PortActor(
        host=config.web_host,
        port=config.web_port,
        on_refusal=on_page,
        store=store,
        key=key,
        directory=directory,
        clock=clock,
    )
