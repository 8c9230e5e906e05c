"""Keeps the forwarder running: what programs inside know as their proxy."""

import asyncio
import contextlib
import logging
from pathlib import Path

from harness.wire.interpreter import module_argv

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0


class Forwarder:
    """Owns the process. An agent may end it; it is started again."""

    def __init__(self, socket: Path, port: int) -> None:
        self._argv = module_argv("harness.proxy.forward", str(socket), str(port))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            process = await asyncio.create_subprocess_exec(*self._argv, stdin=asyncio.subprocess.DEVNULL)
            try:
                status = await process.wait()
            except asyncio.CancelledError:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
                raise
            log.warning("the forwarder ended status=%s", status)
            await asyncio.sleep(PAUSE_SECONDS)
