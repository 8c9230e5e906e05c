"""What every function of the operator surface is given beside the request."""

from dataclasses import dataclass

from actors.daemon_settings import DaemonSettings
from actors.supervision import Clock, Directory


@dataclass(frozen=True, slots=True)
class OperatorContext:
    """Where actors are found, the daemon's settings, the time. A function asks actors and keeps nothing."""

    directory: Directory
    config: DaemonSettings
    clock: Clock
