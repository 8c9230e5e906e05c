"""The control channel: a long poll of the daemon's `control` for the operator's commands.

A command that cannot wait (cancel, pause, the login) is carried out at once; the others are queued for the turn loop,
which carries them out between turns.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterator

from harness.control.login import Login
from harness.daemon.client import DaemonClient
from harness.daemon.report import Report
from harness.wire.agent_api import MAX_WAIT_SECONDS, Command, Control, ControlReply

BETWEEN_TURNS = frozenset({"compact", "new_session", "model"})

CancelTurn = Callable[[], Awaitable[bool]]
"""Interrupts the running turn; False when there is none."""


class ControlChannel:
    """The operator's commands, and whether the agent is paused.

    `changed` is set when the turn loop has to look at `paused`, the login or `commands`; the turn loop clears it.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self.changed = asyncio.Event()
        self.ready = asyncio.Event()
        """Set when the daemon has said for the first time whether the agent is paused."""
        self.paused = False
        self.commands: deque[Command] = deque()
        self._cancelled: asyncio.Event | None = None
        """Set by `cancel` while the turn loop waits between two tries."""

    @contextlib.contextmanager
    def cancellable(self) -> Iterator[asyncio.Event]:
        """For the time between two tries: `cancel` sets the event, and `changed`."""
        self._cancelled = asyncio.Event()
        try:
            yield self._cancelled
        finally:
            self._cancelled = None

    async def run(self, client: DaemonClient, login: Login, cancel_turn: CancelTurn) -> None:
        """Poll without end."""
        wait = 0
        login_needed = login.is_needed()
        connections = 1
        while True:
            reply = await client.call_until_answered(Control(wait_seconds=wait), ControlReply)
            if connections != (connections := client.connections):
                self._report.repeat()
            self._set_paused(paused=reply.paused)
            if login_needed != (login_needed := login.is_needed()):  # credentials can appear without a login of ours
                self.changed.set()
            for command in reply.commands:
                await self._carry_out(command, login, cancel_turn)
            self.ready.set()
            wait = MAX_WAIT_SECONDS

    def _set_paused(self, *, paused: bool) -> None:
        if paused != self.paused:
            self.paused = paused
            self._report.note("paused" if paused else "resumed", kind="operator")
            self.changed.set()

    def _cancel_wait(self) -> bool:
        """End the wait for the next try; False when there is none."""
        if self._cancelled is None:
            return False
        self._cancelled.set()
        self.changed.set()
        return True

    async def _carry_out(self, command: Command, login: Login, cancel_turn: CancelTurn) -> None:
        match command.action:
            case "cancel":
                cancelled = await cancel_turn() or self._cancel_wait()
                self._report.note("cancelled" if cancelled else "there is no turn to cancel", kind="operator")
            case "pause" | "resume":
                self._set_paused(paused=command.action == "pause")
            case "login_start":
                await login.start()
            case "login_code":
                await login.enter_code(command.value or "")
            case "login_cancel":
                await login.cancel()
            case action if action in BETWEEN_TURNS:
                self.commands.append(command)
                self.changed.set()
            case action:
                self._report.note(f"the daemon sends the command {action!r}, which this harness does not know")
