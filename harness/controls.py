"""The harness's ear for the operator: parks at the host's `control` and sorts what comes.

What can not wait (cancel, the login) is done at once; the rest is queued for the loop, which does it between turns.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from harness.client import HiveClient
from harness.login import Login
from harness.report import Report
from harness.wire.agent_api import MAX_WAIT_SECONDS, Command, Control, ControlReply

BETWEEN_TURNS = frozenset({"compact", "new_session", "model"})


class Controls:
    """`changed` is set whenever there is something for the loop to look at; the loop clears it."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self.changed = asyncio.Event()
        self.ready = asyncio.Event()
        """Set once the host has said whether this agent is paused."""
        self.paused = False
        self.queue: deque[Command] = deque()

    async def run(self, client: HiveClient, login: Login, cancel: Callable[[], Awaitable[bool]]) -> None:
        """Listen for ever."""
        wait = 0
        needed = login.is_needed()
        known = 1
        while True:
            reply = await client.insist(Control(wait_seconds=wait), ControlReply)
            if known != (known := client.connections):
                self._report.again()
            self._pause(paused=reply.paused)
            if needed != (needed := login.is_needed()):  # somebody put credentials there by hand
                self.changed.set()
            for command in reply.commands:
                await self._take(command, login, cancel)
            self.ready.set()
            wait = MAX_WAIT_SECONDS

    def _pause(self, *, paused: bool) -> None:
        if paused != self.paused:
            self.paused = paused
            self._report.note("paused" if paused else "resumed", kind="operator")
            self.changed.set()

    async def _take(self, command: Command, login: Login, cancel: Callable[[], Awaitable[bool]]) -> None:
        match command.action:
            case "cancel":
                done = await cancel()
                self._report.note("cancelled" if done else "there is no turn to cancel", kind="operator")
            case "pause" | "resume":
                self._pause(paused=command.action == "pause")
            case "login_start":
                await login.start()
            case "login_code":
                await login.code(command.value or "")
            case "login_cancel":
                await login.cancel()
            case action if action in BETWEEN_TURNS:
                self.queue.append(command)
                self.changed.set()
            case action:
                self._report.note(f"the host asks for {action!r}, which this harness does not know")
