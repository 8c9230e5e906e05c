"""Claude's login without a terminal: `claude auth login` through pipes, its link shown, the code passed in.

Only the operator starts it, through the control channel; no tool of an agent does.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Callable

from harness.report import Report
from harness.settings import Settings

_URL = re.compile(r"https?://[^\s\x1b]+")
KEPT_CHARACTERS = 64 * 1024
TAIL_LINES = 5


class Login:
    """At most one login at a time. `changed` is called when being logged in may have changed."""

    def __init__(self, settings: Settings, report: Report, changed: Callable[[], None]) -> None:
        self._settings = settings
        self._report = report
        self._changed = changed
        self._credentials = settings.claude_dir / ".credentials.json"
        self._lost_at: float | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def is_needed(self) -> bool:
        """Whether Claude has neither a key nor credentials that may still work."""
        if self._settings.has_key:
            return False
        written = self._written_at()
        return written is None or written == self._lost_at

    def lost(self) -> None:
        """Claude refused the credentials there are; only new ones help."""
        self._lost_at = self._written_at()

    def _written_at(self) -> float | None:
        try:
            return self._credentials.stat().st_mtime
        except OSError:
            return None

    async def start(self) -> None:
        """Run the login command; an earlier one is ended."""
        await self.cancel()
        self._settings.claude_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._settings.login_command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self._settings.state_dir,
                env=dict(os.environ),
                start_new_session=True,
            )
        except OSError as error:
            self._report.note(f"the login can not be started: {error}", kind="operator")
            self._report.login("failed")
            return
        self._report.login("started")
        self._task = asyncio.create_task(self._follow(self._process), name="login")

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        text = ""
        url: str | None = None
        while data := await process.stdout.read(4096):
            text = (text + data.decode(errors="replace"))[-KEPT_CHARACTERS:]
            found = _URL.search(text)
            if found is not None and url is None and text[found.end() :]:
                url = found.group()
                self._report.note(f"to log in open {url} and send the code", kind="operator")
                self._report.login("waiting_for_code", url=url)
        status = await process.wait()
        if status == 0:
            self._lost_at = None
            self._report.note("logged in", kind="operator")
            self._report.login("done")
        else:
            tail = "\n".join(text.strip().splitlines()[-TAIL_LINES:])
            self._report.note(f"the login ended with status {status}: {tail}", kind="operator")
            self._report.login("failed")
        self._changed()

    async def code(self, code: str) -> None:
        """Pass the operator's code to the waiting login."""
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None:
            self._report.note("no login is waiting for a code", kind="operator")
            return
        process.stdin.write(code.strip().encode() + b"\n")
        with contextlib.suppress(OSError):
            await process.stdin.drain()

    async def cancel(self) -> None:
        """End a running login, if there is one."""
        process, task = self._process, self._task
        self._process = self._task = None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            self._report.login("cancelled")
