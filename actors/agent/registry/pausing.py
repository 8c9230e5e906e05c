"""Holding and releasing an agent's turn loop, and the figure that the disk quota goes by."""

from actors.agent.addresses import container_actor
from actors.agent.container.messages import Pause
from actors.agent.registry.messages import DiskMeasured, SetPaused
from actors.agent.registry.store import AgentStore
from actors.supervision import Directory


def set_paused(store: AgentStore, directory: Directory, order: SetPaused) -> None:
    """On disk first. A pause that a person asked for stays that person's when the hive has a reason as well."""
    record = store.get(order.name).record
    reason = order.reason if order.paused else None
    if record.paused and record.pause_reason is None and reason is not None:
        return
    if (record.paused, record.pause_reason) != (order.paused, reason):
        store.change(order.name, paused=order.paused, pause_reason=reason)
    directory.tell(container_actor(order.name), Pause(order.paused))


def note_disk(store: AgentStore, report: DiskMeasured) -> None:
    """Kept in memory: it is measured again after the next start of the daemon."""
    if report.name in store:
        store.measured(report.name, report.disk_bytes)
