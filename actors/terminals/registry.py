"""The registry of the terminals: opens them, lists them and their recordings, has old recordings removed once a day.

Owns `state_dir/terminals`, but for the recording of an open terminal, which that one writes. Promises: a terminal is
opened in a running container only, with no more rights than its agent has. Emits nothing itself.
"""

import secrets
import time
from pathlib import Path
from typing import Any

from actors.agent.container.environment import harness_environment
from actors.agent.container.launch import published_config
from actors.agent.context import AgentContext
from actors.agent.runtime import Container
from actors.in_thread import in_thread
from actors.supervision import (
    Actor,
    ChildSpec,
    Clock,
    Directory,
    Restart,
    StartFailed,
    SupervisionError,
    start_child,
    which_children,
)
from actors.terminals import messages as m
from actors.terminals.actor import TerminalActor
from actors.terminals.recording import Recorded, path_of, recordings, to_delete
from actors.terminals.session import Session
from actors.terminals.shell import Order
from harness.wire.errors import HiveError, conflict, forbidden, not_found, unavailable
from harness.wire.names import broker_name, container_name
from harness.wire.network import Network
from harness.wire.operator_api.terminals import TerminalRow
from harness.wire.times import from_ms

MAX_OPEN = 20
PRUNE_SECONDS = 24 * 3_600.0
DESCRIBE_SECONDS = 2.0
SHELL = ("/bin/sh", "-c", "[ -x /bin/bash ] && exec /bin/bash -i; exec /bin/sh -i")


class TerminalRegistryActor(Actor):
    """Messages are in `messages.py`. `days`: how long recordings are kept."""

    def __init__(self, *, context: AgentContext, enabled: bool, days: int, directory: Directory, clock: Clock) -> None:
        super().__init__(clock=clock)
        self._context = context
        self._enabled = enabled
        self._days = days
        self._directory = directory
        self._folder = context.workspace.state_dir / "terminals"

    def on_start(self) -> None:
        self.tell_self(m.Prune())

    def state_word(self) -> str:
        return "ready" if self._enabled else "switched off"

    def handle(self, message: object) -> Any:
        match message:
            case m.Open():
                return self._open(message)
            case m.ListTerminals(agent):
                return self._list(agent)
            case m.FindRecording(id_):
                return self._find(id_)
            case m.Prune():
                self._prune()
        return None

    def _open(self, wanted: m.Open) -> TerminalRow:
        if not self._enabled:
            raise forbidden("terminals are switched off", "set terminals = true in hive.toml and restart the hive")
        if len(self._open_ids()) >= MAX_OPEN:
            raise conflict(f"{MAX_OPEN} terminals are open", "`hive terminal list` shows them; close one")
        agent, now = container_name(wanted.agent), self.clock.now_ms()
        container = self._container(agent)
        id_ = time.strftime("%Y%m%d-%H%M%S-", time.gmtime(now / 1000)) + secrets.token_hex(3)
        session = Session(
            id=id_,
            agent=agent,
            opened_ms=now,
            opened_by=wanted.opened_by,
            size=wanted.size,
            recording=path_of(self._folder, agent, id_),
            order=self._order(container),
            watch_container=lambda on_end: self._context.runtime.watch(container, on_end),
        )
        spec = ChildSpec(
            id_,
            lambda: TerminalActor(session, directory=self._directory, clock=self.clock),
            restart=Restart.TEMPORARY,
        )
        try:
            start_child(self._directory, m.OPEN, spec)
        except StartFailed as error:
            cause = error.__cause__ if isinstance(error.__cause__, HiveError) else None
            raise cause or unavailable(f"the terminal cannot be opened: {error}") from None
        return session.row(open=True, viewers=0, size=session.size)

    def _container(self, agent: str) -> Container:
        found = self._context.runtime.find(self._context.workspace.of(agent))
        if found is None:
            raise conflict(f"{broker_name(agent)} does not run", f"`hive start {broker_name(agent)}`")
        return found

    def _order(self, container: Container) -> Order:
        context, agent = self._context, container.name
        paths, runtime = context.workspace.of(agent), context.runtime
        config = published_config(paths)
        view = runtime.view(context.workspace, paths)
        # Without the hive's credential: what needs one is Claude, which the harness drives.
        environment = harness_environment(
            context, view, agent, credential=None, extra={}, network=config.network if config else Network()
        )
        environment |= {"TERM": "xterm-256color", "HIVE_CONTAINER_ID": container.id}
        return Order(
            argv=runtime.exec_argv(container, SHELL),
            groups=runtime.joins(paths),
            cwd=paths.state,
            env=environment,
        )

    def _open_ids(self) -> frozenset[str]:
        return frozenset(row.id for row in which_children(self._directory, m.OPEN))

    def _list(self, agent: str | None) -> list[TerminalRow]:
        open_ids = self._open_ids()
        found = in_thread(recordings, self._folder, None if agent is None else container_name(agent))
        return [self._row(one, is_open=one.id in open_ids) for one in found]

    def _row(self, one: Recorded, *, is_open: bool) -> TerminalRow:
        row = TerminalRow(
            id=one.id,
            agent=broker_name(one.agent),
            opened_at=from_ms(one.opened_ms),
            opened_by=one.opened_by,
            columns=one.size.columns,
            rows=one.size.rows,
            open=is_open,
            bytes=one.bytes,
        )
        if is_open:
            try:
                described = self._directory.ask(m.terminal(one.id), m.Describe(), timeout=DESCRIBE_SECONDS)
            except SupervisionError:  # it ends just now
                return row.model_copy(update={"open": False})
            assert isinstance(described, TerminalRow)
            return described.model_copy(update={"bytes": one.bytes})
        return row

    def _find(self, id_: str) -> Path:
        found = next(iter(in_thread(lambda: list(self._folder.glob(f"*/{id_}.cast")))), None)
        if found is None:
            raise not_found(f"terminal {id_}", "`hive terminal list` shows them")
        return Path(found)

    def _prune(self) -> None:
        gone = to_delete(
            in_thread(recordings, self._folder),
            now_ms=self.clock.now_ms(),
            days=self._days,
            open_ids=self._open_ids(),
        )
        for one in gone:
            one.path.unlink(missing_ok=True)
        self.tell_after(PRUNE_SECONDS, m.Prune())
