"""Whether a hive runs on these folders now."""

from actors.cli.client import DaemonClient
from actors.cli.doctor.finding import Finding, Level
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import HiveError

ANSWER_SECONDS = 5.0


def daemon(config: DaemonSettings) -> Finding:
    if not config.host_socket.exists():
        return Finding("daemon", Level.OK, "none runs here now")
    try:
        names = agent_names(config)
    except HiveError as error:
        return Finding("daemon", Level.WARN, error.message, error.hint)
    return Finding("daemon", Level.OK, f"answers at {config.host_socket}, {len(names)} agents")


def runs(config: DaemonSettings) -> bool:
    """Whether a daemon answers here, so that it is the one that has the lock and the port."""
    try:
        agent_names(config)
    except HiveError:
        return False
    return True


def agent_names(config: DaemonSettings) -> list[str]:
    """The agents of the daemon that answers here. HiveError when none does."""
    with DaemonClient(config.host_socket, reply_seconds=ANSWER_SECONDS) as client:
        names: list[str] = client.request("list")["agents"]
        return names
