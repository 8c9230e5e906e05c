"""What the rest of the hive may ask of its agents: one typed function per request.

Names may be either spelling of the manager. Everything raises HiveError: `bad_request` for a name that no agent can
have, `not_found` for a name that no agent has, `conflict`, `forbidden`, `unavailable` or `timeout`. The functions that
change something return when it is so, not when it was noted.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from actors.agent.addresses import REGISTRY, container_actor
from actors.agent.container import logs
from actors.agent.container.logs import Follower
from actors.agent.container.messages import Control
from actors.agent.container.wakeup import ASKED
from actors.agent.registry import messages
from actors.agent.registry import rows as row_merge
from actors.agent.registry.orders.ordered import Ordered
from actors.agent.registry.table import AGENTS
from actors.agent.registry.tombstones import find_tombstones
from actors.agent.snapshot import AgentSnapshot
from actors.agent.workspace.paths import AgentPaths
from actors.agent.workspace.read_below import read_below
from actors.in_thread import in_thread
from actors.peers.api import explained
from actors.secrets.redaction import Redactor
from actors.secrets.store import SecretStore
from actors.store import api as store
from actors.supervision import Directory, Promise
from harness.wire import names as wire_names
from harness.wire.boundary.near import did_you_mean
from harness.wire.errors import HiveError, bad_request, not_found
from harness.wire.limits import DEFAULT_LOG_LINES
from harness.wire.operator_rows import AgentRow, Tombstone

ASK_SECONDS = 5.0
START_SECONDS = 30.0
SPAWN_SECONDS = 110.0
"""Of many that are spawned at once each waits for its turn at the processors."""
STOP_SECONDS = 60.0
"""Longer than the gentlest stop takes (TERM, the deadline, KILL)."""
CONTROL_SECONDS = 10.0


def spawn(directory: Directory, name: str, *, silent: bool = False) -> None:
    """Create an agent and have it running. `conflict` when the name is taken.

    The manager is told, in the transaction that makes it; `silent`: the caller does that.
    """
    container, token = _checked(name), object()
    try:
        lay_out: Callable[[], str] = _ask(directory, messages.BeginSpawn(container, silent, token), START_SECONDS)
        _ask(directory, messages.Spawn(container, silent, token, lay_out()), SPAWN_SECONDS)
    finally:
        directory.tell(REGISTRY, messages.AbandonSpawn(container, token))


def start(directory: Directory, name: str) -> None:
    """Have it running, now and after restarts of the daemon; a parked agent is tried again. Running already is fine."""
    start_later(directory, name).wait()


def start_later(directory: Directory, name: str) -> Ordered:
    """`start`, to be waited for."""
    return Ordered(directory, name, messages.Start(_checked(name)), seconds=START_SECONDS)


def stop(directory: Directory, name: str, *, graceful: bool = True, now: bool = False, wait: bool = True) -> None:
    """Have it ended and stay so. Graceful ends its claude politely first.

    A running turn may end first, within the grace; `now` cuts it. Without `wait` it returns when the order is on disk:
    the row shows what it waits for.
    """
    stop_later(directory, name, graceful=graceful, now=now, wait=wait).wait()


def stop_later(
    directory: Directory, name: str, *, graceful: bool = True, now: bool = False, wait: bool = True
) -> Ordered:
    """`stop`, to be waited for."""
    order = messages.Stop(_checked(name), graceful, now=now or not graceful, wait=wait)
    return Ordered(directory, name, order, seconds=STOP_SECONDS)


def kill(directory: Directory, name: str) -> None:
    """Have it ended at once and stay so."""
    _ask(directory, messages.Stop(_checked(name), graceful=False, now=True), STOP_SECONDS)


def restart(directory: Directory, name: str, *, now: bool = False, wait: bool = True) -> None:
    """End it and start it with the configuration in force; a stopped one is started. `now` and `wait` as for `stop`."""
    order = messages.Restart(_checked(name), now=now, wait=wait)
    Ordered(directory, name, order, seconds=STOP_SECONDS + START_SECONDS).wait()


def rebuild(directory: Directory, name: str, *, silent: bool = False, now: bool = False, wait: bool = True) -> None:
    """Restart it through `rebuilding`; the manager is told of the outcome when it is up again, or is not.

    `silent`: the caller tells the manager. The agent itself is told either way. `now` and `wait` as for `stop`.
    """
    order = messages.Rebuild(_checked(name), silent, now=now, wait=wait)
    Ordered(directory, name, order, seconds=STOP_SECONDS + START_SECONDS).wait()


def rebuild_later(directory: Directory, name: str, *, silent: bool) -> Promise[None]:
    """`rebuild`, to be heard of: a running turn may end first."""
    return directory.ask_later(REGISTRY, messages.Rebuild(_checked(name), silent))


def use_credentials(directory: Directory) -> None:
    """The hive may have another key or token: running agents and the proxy get it. Does not wait."""
    directory.tell(REGISTRY, messages.CredentialsChanged())


def rebuild_all(
    directory: Directory, *, reason: str, only: Sequence[str] | None = None, now: bool = False
) -> list[str]:
    """Rebuild all desired agents (or those of `only`), the manager first; → their broker names in order, at once.

    The manager gets one `restart_planned` when it is ready, then the others come in waves; `rebuilt` follows for each.
    The manager's turn may end before it begins, that of each other before it is rebuilt, within the grace; not with
    `now`.
    """
    chosen = None if only is None else tuple(_checked(name) for name in only)
    planned: list[str] = _ask(directory, messages.RebuildAll(chosen, reason, now=now), ASK_SECONDS)
    return [wire_names.broker_name(name) for name in planned]


def tell_stale(directory: Directory, names_: Sequence[str]) -> None:
    """Tell the manager, once a revision, of those of them that run an older one and are left alone. Never waits."""
    directory.tell(REGISTRY, messages.TellStale(tuple(names_)))


def kick(directory: Directory, name: str, body: str = ASKED) -> None:
    """Wake it with one `system` message of kind `kick`; it waits in the inbox of a stopped one."""
    _ask(directory, messages.Kick(_checked(name), body), ASK_SECONDS)


def destroy(directory: Directory, name: str, *, purge: bool = False, silent: bool = False, now: bool = False) -> None:
    """End it and forget it. What it wrote is kept unless `purge`. `forbidden` for the manager.

    `silent` and `now` as above.
    """
    container = _checked(name)
    order = messages.Destroy(container, now=now, purge=purge, silent=silent)
    Ordered(directory, name, order, seconds=2 * STOP_SECONDS).wait()


def tombstones(directory: Directory) -> list[Tombstone]:
    """What is kept of destroyed agents, by name. Runs in a native thread: it adds up folders."""
    workspace, taken = _ask(directory, messages.GetWorkspace(), ASK_SECONDS)
    found: list[Tombstone] = in_thread(find_tombstones, workspace, taken)
    return found


def purge(directory: Directory, name: str) -> None:
    """Delete everything that is kept of a destroyed agent. `conflict` while there is an agent of that name."""
    _ask(directory, messages.Purge(_checked(name)), STOP_SECONDS)


def set_paused(directory: Directory, name: str, *, paused: bool, reason: str | None = None) -> None:
    """Hold or release its turn loop. Idempotent; works on a stopped one; survives restarts.

    `reason`: why the hive does it, for the operator. A pause without one is a person's, and no reason replaces it.
    """
    _ask(directory, messages.SetPaused(_checked(name), paused, reason), ASK_SECONDS)


def disk_measured(directory: Directory, name: str, disk_bytes: int) -> None:
    """Show in its row what it has on the disk. Never waits."""
    directory.tell(REGISTRY, messages.DiskMeasured(_checked(name), disk_bytes))


def set_deployed(directory: Directory, name: str, sha: str | None) -> None:
    """Note which commit of its configuration is in force (40 hex digits); the files are the caller's business."""
    _ask(directory, messages.SetDeployed(_checked(name), sha), ASK_SECONDS)


def set_status(directory: Directory, name: str, text: str) -> None:
    """Set the line an agent shows about itself."""
    _ask(directory, messages.SetStatus(_checked(name), text), ASK_SECONDS)


def control(directory: Directory, name: str, action: str, value: str | None = None) -> None:
    """Hand an operator command to its harness; returns when the harness took it, else `unavailable`."""
    container = _known(directory, name).record.name
    directory.ask(container_actor(container), Control(action, value), timeout=CONTROL_SECONDS)


def snapshots(directory: Directory) -> list[AgentSnapshot]:
    """What the registry knows of every agent, manager first."""
    found: list[AgentSnapshot] = _ask(directory, messages.ListAgents(), ASK_SECONDS)
    return found


def adopted(directory: Directory) -> None:
    """Return when every agent was looked at after the start of the registry, and what ran was adopted."""
    _ask(directory, messages.AwaitAdopted(), ASK_SECONDS)


def names(directory: Directory) -> list[str]:
    """The broker names of all agents, manager first."""
    return [wire_names.broker_name(one.record.name) for one in snapshots(directory)]


def rows(directory: Directory, wanted: Collection[str] | None = None) -> list[AgentRow]:
    """Every agent as the operator sees it, manager first; after those whose rows cannot be read.

    `wanted` names some of them as the broker does.
    """
    unreadable = store.read(directory, lambda connection: AGENTS.error_rows(connection, row_merge.error_row))
    agents = snapshots(directory)
    if wanted is not None:
        unreadable = [row for row in unreadable if row.name in wanted]
        agents = [agent for agent in agents if wire_names.broker_name(agent.record.name) in wanted]
    return unreadable + row_merge.merged(directory, agents)


def look_again(directory: Directory) -> None:
    """Read the table anew: the operator has deleted a row that could not be read. Never waits."""
    directory.tell(REGISTRY, messages.Reload())


def row(directory: Directory, name: str) -> AgentRow:
    """One agent as the operator sees it."""
    return row_merge.merged(directory, [_known(directory, name)])[0]


def journal(directory: Directory, name: str, lines: int = DEFAULT_LOG_LINES) -> list[str]:
    """The last lines its container wrote. Names are checked against the registry, so no path can be asked for."""
    found = paths(directory, name)
    clean = _redactor(found).text
    return [clean(line) for line in logs.tail(found.log, lines)]


def follow_journal(directory: Directory, name: str, lines: int = DEFAULT_LOG_LINES) -> Follower:
    """An iterator over lists of lines: the last ones first, then what comes. `close()` ends it, from any greenlet."""
    found = paths(directory, name)
    return Follower(found.log, lines, _redactor(found).text)


def state_file(directory: Directory, name: str, rel_path: str) -> str:
    """The text of a world-readable regular file below its `state/`, no link followed in any component."""
    return read_below(paths(directory, name).state, rel_path)


def paths(directory: Directory, name: str) -> AgentPaths:
    """Where the files of an existing agent are."""
    found: AgentPaths = _ask(directory, messages.GetPaths(_checked(name)), ASK_SECONDS)
    return found


def _redactor(found: AgentPaths) -> Redactor:
    return Redactor(SecretStore(found.state_dir).values)


def _checked(name: str) -> str:
    """The container name of a well-formed name."""
    try:
        return wire_names.container_name(wire_names.check_agent_name(name))
    except ValueError as error:
        raise bad_request(str(error)) from None


def _known(directory: Directory, name: str) -> AgentSnapshot:
    container = _checked(name)
    known = {one.record.name: one for one in snapshots(directory)}
    if container not in known:
        hint = did_you_mean(name, map(wire_names.broker_name, known)) or "`hive agents` lists them"
        raise explained(directory, name, not_found(f"agent {name!r}", hint))
    return known[container]


def _ask(directory: Directory, message: object, seconds: float) -> Any:
    try:
        return directory.ask(REGISTRY, message, timeout=seconds)
    except HiveError as refusal:
        raise explained(directory, getattr(message, "name", None), refusal) from None
