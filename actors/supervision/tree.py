"""The supervised tree as plain data. It is read from outside and asks no actor, so it works when one is stuck."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from actors.supervision.actor.actor import Actor
from actors.supervision.directory import Directory
from actors.supervision.errors import NotRunning
from actors.supervision.supervisor.children import Child
from actors.supervision.supervisor.supervisor import Supervisor

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def tree(directory: Directory, root: str | None = None) -> dict[str, Any]:
    """One node with its children below it. Raises `NotRunning` when the root does not run.

    Fields: name, kind, state, strategy, restart, restarts, last_error, uptime_seconds, mailbox, handled, current,
    busy_seconds, oldest_seconds, pid, memory_bytes (of the process and all below it), reasons (the last restarts: at,
    reason), children. A child that ended because its work was over is `done`, not `down`. `busy_seconds` is
    null between two messages, `oldest_seconds` with an empty mailbox.
    """
    name = directory.root if root is None else root
    actor = directory.actor(name)
    if actor is None:
        raise NotRunning(name)
    return _node(name, actor, None)


def _node(name: str, actor: Actor | None, child: Child | None) -> dict[str, Any]:
    vitals = actor.vitals() if actor is not None else None
    supervisor = actor if isinstance(actor, Supervisor) else None
    pid = actor.pid if actor is not None else None
    return {
        "name": name,
        "kind": actor.kind if actor is not None else _kind_of(child),
        "state": _state(actor, child),
        "strategy": supervisor.flags.strategy.value if supervisor is not None else None,
        "restart": child.spec.restart.value if child is not None else None,
        "restarts": child.restarts if child is not None else 0,
        "last_error": child.last_error if child is not None else None,
        "uptime_seconds": vitals.uptime_seconds if vitals else None,
        "mailbox": vitals.mailbox if vitals else None,
        "handled": vitals.handled if vitals else None,
        "current": vitals.current if vitals else None,
        "busy_seconds": vitals.busy_seconds if vitals else None,
        "oldest_seconds": vitals.oldest_seconds if vitals else None,
        "pid": pid,
        "memory_bytes": _memory_bytes(pid) if pid is not None else None,
        "reasons": [{"at": _time(at_ms), "reason": why} for at_ms, why in child.reasons] if child is not None else [],
        "children": [_node(each.spec.id, each.actor, each) for each in supervisor.children] if supervisor else [],
    }


def _kind_of(child: Child | None) -> str:
    return "supervisor" if child is not None and child.spec.type == "supervisor" else "actor"


def _state(actor: Actor | None, child: Child | None) -> str:
    if actor is not None:
        return actor.state_word()
    if child is None:
        return "down"
    return "done" if child.done else child.state.value


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _memory_bytes(pid: int) -> int | None:
    """Resident memory of a process and all processes below it; None when it is gone, or may not be read.

    Pages that processes share are counted for each of them.
    """
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES
        below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return None
    return own + sum(_memory_bytes(int(one)) or 0 for one in below)
