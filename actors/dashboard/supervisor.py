"""The dashboard in the tree: its port, then the process that serves it."""

from actors.daemon_settings import DaemonSettings
from actors.dashboard.port import PortActor
from actors.dashboard.process import WebProcessActor
from actors.supervision import Backoff, ChildSpec, Clock, Directory, Strategy, Supervisor, SupervisorFlags


def dashboard_supervisor(config: DaemonSettings, directory: Directory, clock: Clock) -> Supervisor:
    """Keeps the web process alive for ever: a page that cannot start must not end the hive.

    With these pauses it is tried eight times in its first minute and twice in every later one: never too often. A new
    port needs a new process; a new process has the old port.
    """
    flags = SupervisorFlags(
        Strategy.REST_FOR_ONE, intensity=30, period=60.0, backoff=Backoff(first=0.5, factor=2.0, cap=30.0)
    )
    specs = [
        ChildSpec(
            "port", lambda: PortActor(host=config.web_host, port=config.web_port, directory=directory, clock=clock)
        ),
        ChildSpec("process", lambda: WebProcessActor(config, directory=directory, clock=clock), shutdown=10.0),
    ]
    return Supervisor(flags, specs, directory=directory, clock=clock)
