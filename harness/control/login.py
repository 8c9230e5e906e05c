"""Claude's login without a terminal: `claude auth login` runs with pipes; the operator gets the link, sends the code.

Only the operator starts a login, through the control channel; agents have no tool for it.
"""

import asyncio
import contextlib
import os
import re
from collections.abc import Callable

from harness.control import credentials
from harness.daemon.report import Report
from harness.settings import LINE, Settings
from harness.wire.events import CredentialSource, LoginState

_URL = re.compile(r"https?://[^\s\x1b]+")
_PROMPT = re.compile(r"^paste code here[^>]*>\s*", re.IGNORECASE)
MAX_OUTPUT_CHARACTERS = 64 * 1024
TAIL_LINES = 5
ENDING_SECONDS = 1.0
"""How long a program that has judged a code may take to end."""

HAS_KEY = "Claude Code has the key or the token of the hive here, and would not use a login"


class Login:
    """At most one login at a time. `changed` is called when the need for a login may have changed."""

    def __init__(self, settings: Settings, report: Report, changed: Callable[[], None]) -> None:
        self._settings = settings
        self._report = report
        self._changed = changed
        self._refused_version: float | None = None
        self._checking = False
        """A code was entered, and the program has not said what it thinks of it."""
        self._process: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None

    def is_needed(self) -> bool:
        """Whether Claude has neither a key nor credentials that may still work; reports which it has."""
        if self._settings.has_key:
            self._report.credentials(CredentialSource.HIVE)
            return False
        found = credentials.read(self._settings.claude_dir)
        if found is None or found.version == self._refused_version:
            self._report.credentials(CredentialSource.NONE)
            return True
        self._report.credentials(CredentialSource.LOGIN, expires_at_ms=found.expires_at_ms)
        return False

    def mark_refused(self) -> None:
        """Claude refused the present credentials; only new ones help."""
        found = credentials.read(self._settings.claude_dir)
        self._refused_version = None if found is None else found.version

    async def start(self) -> None:
        """Run the login command. A login that is under way is cancelled first."""
        await self.cancel()
        self._report.login(LoginState.STARTED)
        if self._settings.has_key:
            self._report.login(LoginState.FAILED, reason=HAS_KEY)
            return
        self._checking = False
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
            self._report.login(LoginState.FAILED, reason=f"it cannot be started: {error}")
            return
        self._task = asyncio.create_task(self._follow(self._process), name="login")

    async def _follow(self, process: asyncio.subprocess.Process) -> None:
        output = await self._read_output(process)
        status = await process.wait()
        if status == 0:
            self._refused_version = None
            self._report.note("logged in", kind="operator")
            self._report.login(LoginState.DONE)
        else:
            reason = _tail(output) or f"it ended with status {status}"
            self._report.note(f"the login ended with status {status}: {reason}", kind="operator")
            self._report.login(LoginState.FAILED, reason=reason)
        self._changed()

    async def _read_output(self, process: asyncio.subprocess.Process) -> str:
        """The output up to its end. Its first complete link is reported when it appears."""
        assert process.stdout is not None
        output = ""
        url: str | None = None
        while data := await self._read(process.stdout, output, url):
            output = (output + data.decode(errors="replace"))[-MAX_OUTPUT_CHARACTERS:]
            if url is None and (url := _complete_url(output)) is not None:
                self._report.note(f"open {url} to log in, then send the code", kind="operator")
                self._report.login(LoginState.WAITING_FOR_CODE, url=url)
        return output

    async def _read(self, pipe: asyncio.StreamReader, output: str, url: str | None) -> bytes:
        """What comes next. A program that says something about a code and does not end wants another one."""
        if self._checking and _tail(output):
            try:
                async with asyncio.timeout(ENDING_SECONDS):
                    return await pipe.read(4096)
            except TimeoutError:
                self._checking = False
                self._report.login(LoginState.WAITING_FOR_CODE, url=url, reason=_tail(output))
        return await pipe.read(4096)

    async def enter_code(self, code: str) -> None:
        """Pass the operator's code to the login that waits for it."""
        process = self._process
        if process is None or process.returncode is not None or process.stdin is None:
            self._report.note("no login is waiting for a code", kind="operator")
            return
        self._checking = True
        self._report.login(LoginState.CHECKING)
        with contextlib.suppress(OSError):
            process.stdin.write("".join(code.split()).encode() + b"\n")
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
            self._report.login(LoginState.CANCELLED)


def _complete_url(output: str) -> str | None:
    """The first link in `output`, once a character after it shows that it is complete."""
    found = _URL.search(output)
    return found.group() if found is not None and output[found.end() :] else None


def _tail(output: str) -> str:
    """The last lines after the link, without the prompt for the code: what a failed login said."""
    found = _URL.search(output)
    said = output if found is None else output[found.end() :]
    lines = [_PROMPT.sub("", line).strip() for line in said.splitlines()]
    return "\n".join([line for line in lines if line][-TAIL_LINES:])
