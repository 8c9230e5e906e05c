"""Claude's login without a terminal: `claude auth login` runs with pipes; the operator gets the link, sends the code.

Only the operator starts a login, through the control channel; agents have no tool for it.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Callable

from harness.daemon.report import Report
from harness.settings import LINE, Settings

_URL = re.compile(r"https?://[^\s\x1b]+")
MAX_OUTPUT_CHARACTERS = 64 * 1024
TAIL_LINES = 5


class Login:
    """At most one login at a time. `changed` is called when the need for a login may have changed."""

    def __init__(self, settings: Settings, report: Report, changed: Callable[[], None]) -> None:
        self._settings = settings
        self._report = report
        self._changed = changed
        self._credentials = settings.claude_dir / ".credentials.json"
        self._refused_version: float | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def is_needed(self) -> bool:
        """Whether Claude has neither a key nor credentials that may still work."""
        if self._settings.has_key:
            return False
        version = self._credentials_version()
        return version is None or version == self._refused_version

    def mark_refused(self) -> None:
        """Claude refused the present credentials; only new ones help."""
        self._refused_version = self._credentials_version()

    def _credentials_version(self) -> float | None:
        """When the credentials were written; None when there are none."""
        try:
            return self._credentials.stat().st_mtime
        except OSError:
            return None

    async def start(self) -> None:
        """Run the login command. A login that is under way is cancelled first."""
        await self.cancel()
        self._settings.claude_dir.mkdir(parents=True, exist_ok=True)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._settings.login_command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=self._settings.state_dir,
                env={name: value for name, value in os.environ.items() if name != LINE},
                start_new_session=True,
            )
        except OSError as error:
            self._report.note(f"the login cannot be started: {error}", kind="operator")
            self._report.login("failed")
            return
        self._report.login("started")
        self._task = asyncio.create_task(self._follow(self._process), name="login")

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        output = await self._read_output(process)
        status = await process.wait()
        if status == 0:
            self._refused_version = None
            self._report.note("logged in", kind="operator")
            self._report.login("done")
        else:
            tail = "\n".join(output.strip().splitlines()[-TAIL_LINES:])
            self._report.note(f"the login ended with status {status}: {tail}", kind="operator")
            self._report.login("failed")
        self._changed()

    async def _read_output(self, process: asyncio.subprocess.Process) -> str:
        """The output up to its end. Its first complete link is reported when it appears."""
        assert process.stdout is not None
        output = ""
        url: str | None = None
        while data := await process.stdout.read(4096):
            output = (output + data.decode(errors="replace"))[-MAX_OUTPUT_CHARACTERS:]
            if url is None and (url := _complete_url(output)) is not None:
                self._report.note(f"open {url} to log in, then send the code", kind="operator")
                self._report.login("waiting_for_code", url=url)
        return output

    async def enter_code(self, code: str) -> None:
        """Pass the operator's code to the login that waits for it."""
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None:
            self._report.note("no login is waiting for a code", kind="operator")
            return
        process.stdin.write(code.strip().encode() + b"\n")
        with contextlib.suppress(OSError):
            await process.stdin.drain()

    async def cancel(self) -> None:
        """End a login that is under way, if there is one."""
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


def _complete_url(output: str) -> str | None:
    """The first link in `output`, once a character after it shows that it is complete."""
    found = _URL.search(output)
    return found.group() if found is not None and output[found.end() :] else None
