"""`hive-harness`: one process with three parts that end together.

The turn loop, the control channel and the outbox are tasks; when one of them fails, or the line to the shim breaks, the
process exits with 1 and the daemon starts it again. SIGTERM ends Claude with time to save its session, then the process
with 0. Wrong settings exit with 2. A wait that only the daemon can make exits with a status of its own
(`harness.wire.exit_codes`).
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import Any

from harness import check
from harness.claude.session_file import SessionFile
from harness.clock import elapsed_ms, now_ms, running_ms
from harness.control.channel import ControlChannel
from harness.control.login import Login
from harness.daemon.client import DaemonClient
from harness.daemon.forwarder import Forwarder
from harness.daemon.line import Line
from harness.daemon.outbox import Outbox
from harness.daemon.report import Report
from harness.settings import Settings, SettingsError, from_environment
from harness.shield import raise_shield
from harness.turns.conversation import Conversation
from harness.turns.inbox import Inbox
from harness.turns.loop import TurnLoop
from harness.turns.tool_calls import ToolCalls
from harness.wire.events import HarnessState, Note
from harness.wire.exit_codes import HarnessExit

log = logging.getLogger("harness")

FLUSH_SECONDS = 1.0
"""How long an ending harness waits for the daemon to take its last events; the rest goes to the file."""


def main() -> int:
    """Run until a signal or the end of a part."""
    raise_shield()
    if sys.argv[1:] == ["--check"]:
        return check.main()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = from_environment(os.environ)
        line = Line.inherited(settings.line)
    except (SettingsError, OSError) as error:
        log.critical("%s", error)
        return 2
    with contextlib.closing(line):
        return asyncio.run(run(settings, line))


async def run(settings: Settings, line: Line) -> HarnessExit:
    """The exit status: 0 after SIGTERM or SIGINT, the turn loop's own when it returned, 1 when a part failed."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    harness = Harness(settings, line)
    parts = harness.start()
    stop = asyncio.create_task(stopping.wait(), name="stop")
    await asyncio.wait({*parts, stop}, return_when=asyncio.FIRST_COMPLETED)
    status = _exit_status(parts)
    log.info("ending: %s", status.name.lower())
    stop.cancel()
    await harness.stop(parts, status)
    return status


class Harness:
    """The parts of one harness, wired together. Each has a connection of its own."""

    def __init__(self, settings: Settings, line: Line) -> None:
        self._mail, self._control, self._events = (DaemonClient(line) for _ in range(3))
        self._forwarder = (
            None if settings.proxy_socket is None else Forwarder(settings.proxy_socket, settings.proxy_port)
        )
        self._outbox = Outbox(line.file("outbox.jsonl"))
        self._report = Report(self._outbox, now_ms)
        self._channel = ControlChannel(self._report)
        self._login = Login(settings, self._report, self._channel.changed.set)
        tool_calls = ToolCalls(settings.socket, connect_timeout_seconds=settings.tool_connect_timeout_seconds)
        session_file = SessionFile(line.file("session.json"))
        if session_file.trouble is not None:
            log.warning("%s", session_file.trouble)
            self._outbox.add_event(Note(text=session_file.trouble))
        self._conversation = Conversation(settings, session_file, tool_calls, self._report)
        self._loop = TurnLoop(
            settings,
            inbox=Inbox(self._mail),
            conversation=self._conversation,
            tool_calls=tool_calls,
            control=self._channel,
            login=self._login,
            report=self._report,
            now_ms=now_ms,
            running_ms=running_ms,
            elapsed_ms=elapsed_ms,
        )

    def start(self) -> "set[asyncio.Task[Any]]":
        """One task per part."""
        channel = self._channel.run(self._control, self._login, self._conversation.cancel)
        parts = {
            asyncio.create_task(self._loop.run(), name="loop"),
            asyncio.create_task(channel, name="control"),
            asyncio.create_task(self._outbox.run(self._events), name="outbox"),
        }
        if self._forwarder is not None:
            parts.add(asyncio.create_task(self._forwarder.run(), name="forwarder"))
        return parts

    async def stop(self, parts: "set[asyncio.Task[Any]]", status: HarnessExit) -> None:
        """End the work, then Claude, then the outbox, so that the last events are still delivered."""
        await _cancel([part for part in parts if part.get_name() != "outbox"])
        await self._login.cancel()
        await self._conversation.close()
        if status in (HarnessExit.CLEAN, HarnessExit.FAILED):  # the others have reported a state that says more
            self._report.state(HarnessState.OFFLINE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._outbox.flushed(), FLUSH_SECONDS)
        await _cancel(list(parts))
        self._outbox.save()
        for client in (self._mail, self._control, self._events):
            await client.close()


def _exit_status(parts: "set[asyncio.Task[Any]]") -> HarnessExit:
    """The exit status by the parts that have ended; a failed part is logged with its exception."""
    ended = [part for part in parts if part.done()]
    for part in ended:
        if part.exception() is None and isinstance(part.result(), HarnessExit):
            continue
        log.error("%s ended", part.get_name(), exc_info=part.exception())
        return HarnessExit.FAILED
    return ended[0].result() if ended else HarnessExit.CLEAN


async def _cancel(tasks: "list[asyncio.Task[Any]]") -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main())
