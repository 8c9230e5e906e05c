"""The interface of admission: one typed function per request. Every one may raise HiveError."""

from actors.admission import queries
from actors.admission.clients import Clients
from actors.admission.messages import ADMISSION, GetSuspensions, Lift, OwnerEnded, RequestCrashed
from actors.store import api as store
from actors.supervision import Directory
from harness.wire.names import broker_name
from harness.wire.operator_rows import KeptRequest, SuspensionRow

ASK_SECONDS = 15.0
WRITE_SECONDS = 35.0


def crashed(directory: Directory, crash: RequestCrashed) -> None:
    """Report a crash over a request. Never waits."""
    directory.tell(ADMISSION, crash)


def forget(directory: Directory, clients: Clients, name: str) -> None:
    """The owner of the name has ended: the next one is not suspended and not paused. Never waits."""
    clients.renew(name)
    directory.tell(ADMISSION, OwnerEnded(name))


def suspensions(directory: Directory) -> list[SuspensionRow]:
    """Every suspended agent and peer, the longest suspended first."""
    rows: list[SuspensionRow] = directory.ask(ADMISSION, GetSuspensions(), timeout=ASK_SECONDS)
    return rows


def kept_requests(directory: Directory, name: str) -> list[KeptRequest]:
    """The requests of an agent or peer over which something crashed, the newest first."""
    store.wait_for_writes(directory)
    return store.read(directory, queries.kept_requests(broker_name(name)))


def lift(directory: Directory, name: str) -> None:
    """Serve a suspended client again; `not_found` when it is not suspended."""
    directory.ask(ADMISSION, Lift(name), timeout=WRITE_SECONDS)
