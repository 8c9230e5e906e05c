"""How the rooms speak with the service actor. Only `farewell` waits; without that actor everything is kept."""

from actors.service.messages import SERVICE, Abandoned, AskFarewell, Close, Farewell, Kept, Tally
from actors.supervision import Directory, SupervisionError

ASK_SECONDS = 2.0


def close(directory: Directory, reason: str) -> bool:
    """Have the daemon end in order; False when there is nobody to see to it."""
    return directory.tell(SERVICE, Close(reason))


def farewell(directory: Directory) -> Farewell | None:
    """What a container actor that stops now does with its container; None when this is not the end of the hive."""
    try:
        found: Farewell | None = directory.ask(SERVICE, AskFarewell(), timeout=ASK_SECONDS)
    except SupervisionError:
        return None
    return found


def abandoned(directory: Directory, who: str, what: str) -> None:
    """Name what could not end by itself at the end of the log."""
    directory.tell(SERVICE, Abandoned(who, what))


def kept(directory: Directory, who: str, what: str) -> None:
    """Name a container that runs on."""
    directory.tell(SERVICE, Kept(who, what))


def tally(directory: Directory, agents: int, running: int) -> None:
    """How many agents there are and how many run."""
    directory.tell(SERVICE, Tally(agents, running))
