"""`hive-harness`: one process that works as a whole or ends as a whole.

The loop, the control channel and the outbox are its three parts; when one of them dies the process ends with 1 and
is started again from outside. SIGTERM ends Claude politely and then the process with 0. Settings that make no sense
end it with 2. What only the host or time can mend ends it with a status of its own (`harness.wire.exit_codes`).
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from typing import Any

from harness.client import HiveClient
from harness.controls import Controls
from harness.conversation import Conversation
from harness.errands import Errands
from harness.login import Login
from harness.loop import Loop
from harness.outbox import Outbox
from harness.report import Report
from harness.session import SessionFile
from harness.settings import Settings, SettingsError, from_environment
from harness.wire.events import HarnessState
from harness.wire.exit_codes import HarnessExit

log = logging.getLogger("harness")

LAST_WORDS_SECONDS = 1.0


def main() -> int:
    """Run until told to stop."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        settings = from_environment(os.environ)
    except SettingsError as error:
        log.critical("%s", error)
        return 2
    settings.harness_dir.mkdir(parents=True, exist_ok=True)
    return asyncio.run(run(settings))


async def run(settings: Settings) -> int:
    """The exit status: 0 after SIGTERM or SIGINT, the loop's own when it left, 1 when a part died."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    outbox = Outbox(settings.harness_dir / "outbox.jsonl")
    report = Report(outbox)
    controls = Controls(report)
    login = Login(settings, report, controls.changed.set)
    errands = Errands(settings.socket, patience=settings.away_seconds)
    conversation = Conversation(settings, SessionFile(settings.harness_dir / "session.json"), errands, report)
    mail, control, events = (HiveClient(settings.socket) for _ in range(3))
    loop = Loop(
        settings, mail, conversation=conversation, errands=errands, controls=controls, login=login, report=report
    )
    parts: set[asyncio.Task[Any]] = {
        asyncio.create_task(loop.run(), name="loop"),
        asyncio.create_task(controls.run(control, login, conversation.cancel), name="control"),
        asyncio.create_task(outbox.run(events), name="outbox"),
    }
    stop = asyncio.create_task(stopping.wait(), name="stop")
    await asyncio.wait({*parts, stop}, return_when=asyncio.FIRST_COMPLETED)
    status = _status(parts)
    log.info("ending: %s", status.name.lower())
    await _end([part for part in parts if part.get_name() != "outbox"])
    await login.cancel()
    await conversation.close()
    if status in (HarnessExit.CLEAN, HarnessExit.FAILED):  # who left has said what for
        report.state(HarnessState.OFFLINE)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(outbox.flushed(), LAST_WORDS_SECONDS)
    await _end([*parts, stop])
    outbox.write_down()
    for client in (mail, control, events):
        await client.close()
    return status


def _status(parts: set["asyncio.Task[Any]"]) -> HarnessExit:
    """What the parts that ended make of the process; one that left says so, one that died is logged with why."""
    ended = [part for part in parts if part.done()]
    for part in ended:
        if part.exception() is None and isinstance(part.result(), HarnessExit):
            continue
        log.error("%s ended", part.get_name(), exc_info=part.exception())
        return HarnessExit.FAILED
    return ended[0].result() if ended else HarnessExit.CLEAN


async def _end(tasks: list["asyncio.Task[Any]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    sys.exit(main())
