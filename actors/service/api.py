"""How other components use the service actor.

Only `stop_policy` waits. Without a service actor every container is kept.
"""

from actors.service.messages import SERVICE, Abandoned, Close, GetStopPolicy, Kept, StopPolicy, Tally
from actors.supervision import Directory, SupervisionError

ASK_SECONDS = 2.0


def close(directory: Directory, reason: str) -> bool:
    """Have the daemon end in order; False when there is no service actor to do it."""
    return directory.tell(SERVICE, Close(reason))


def stop_policy(directory: Directory) -> StopPolicy | None:
    """What a container actor that stops now does with its container; None when the daemon does not end."""
    try:
        policy: StopPolicy | None = directory.ask(SERVICE, GetStopPolicy(), timeout=ASK_SECONDS)
    except SupervisionError:
        return None
    return policy


def abandoned(directory: Directory, name: str, activity: str) -> None:
    """Have the end of the log name an agent whose container was killed or whose turn was cut short."""
    directory.tell(SERVICE, Abandoned(name, activity))


def kept(directory: Directory, name: str, activity: str) -> None:
    """Have the end of the log name an agent whose container runs on."""
    directory.tell(SERVICE, Kept(name, activity))


def tally(directory: Directory, agents: int, running: int) -> None:
    """Show in the status line how many agents there are and how many run."""
    directory.tell(SERVICE, Tally(agents, running))
