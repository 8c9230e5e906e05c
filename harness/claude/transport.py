"""The Claude Code CLI as a child process behind the SDK's `Transport`.

The harness does not use the SDK's own transport, for three reasons: the operator sees the raw frames, the process has
to be ended in a certain way, and no variable of the surrounding environment may leak in.

A quick stop loses the session: after a SIGKILL within 50 ms of the result line the session cannot be resumed. The
process is therefore always ended in this order: close its input, SIGTERM, a wait, SIGKILL to its whole group.
"""

import asyncio
import contextlib
import json
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from claude_agent_sdk import CLIConnectionError, Transport

from harness.claude.die_with_parent import end_with_parent
from harness.claude.frames import CONTROL_FRAMES, Frame

MAX_LINE_BYTES = 64 * 1024 * 1024
"""A tool result with an image is one line."""

TERM_SECONDS = 5.0
"""How long the CLI may take to end after SIGTERM."""

STDERR_LINES = 20


class ClaudeProcess(Transport):
    """One CLI process. `on_frame` receives every frame but those of the control protocol, in order, before the SDK."""

    def __init__(
        self,
        argv: list[str],
        env: dict[str, str],
        cwd: Path,
        on_frame: Callable[[Frame], None],
        *,
        files: Sequence[int] = (),
    ) -> None:
        """`files` are descriptors that the command line names; they may be closed once `connect` has returned."""
        self._argv = argv
        self._files = files
        self._env = env
        self._cwd = cwd
        self._on_frame = on_frame
        self._process: asyncio.subprocess.Process | None = None
        self._stderr_task: asyncio.Task[None] | None = None
        self._ended = False
        self.stderr: deque[str] = deque(maxlen=STDERR_LINES)

    @property
    def pid(self) -> int | None:
        """The CLI's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    @property
    def exit_status(self) -> int | None:
        """The exit status as a shell reports it (128 + n for signal n); None while the process runs."""
        status = self._process.returncode if self._process is not None else None
        return status if status is None or status >= 0 else 128 - status

    async def connect(self) -> None:
        """Start the process in a session of its own, so that its children can be ended with it."""
        self._process = await asyncio.create_subprocess_exec(
            *self._argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=self._cwd,
            env=self._env,
            limit=MAX_LINE_BYTES,
            start_new_session=True,
            pass_fds=self._files,
            preexec_fn=end_with_parent,
        )
        self._stderr_task = asyncio.create_task(self._read_stderr(), name="claude-stderr")

    async def write(self, data: str) -> None:
        """Send one or more lines."""
        if self._process is None or self._process.stdin is None or self._process.returncode is not None:
            raise CLIConnectionError("claude is not running")
        try:
            self._process.stdin.write(data.encode())
            await self._process.stdin.drain()
        except OSError as error:
            raise CLIConnectionError(f"claude has closed its input: {error}") from error

    def read_messages(self) -> AsyncIterator[dict[str, Any]]:
        """Every frame until the process closes its output."""
        return self._frames()

    async def _frames(self) -> AsyncIterator[dict[str, Any]]:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            if not line.startswith(b"{"):
                continue  # some builds print debug lines
            try:
                frame = json.loads(line)
            except ValueError:
                continue  # the last line of a killed process
            if frame.get("type") not in CONTROL_FRAMES and frame.get("sdk_host_only") is not True:
                self._on_frame(frame)
            yield frame
        await self._process.wait()
        if not self._ended:  # the exception wakes the SDK's pending control requests
            raise CLIConnectionError(f"claude ended with status {self.exit_status}")

    async def _read_stderr(self) -> None:
        assert self._process is not None
        assert self._process.stderr is not None
        async for line in self._process.stderr:
            if text := line.decode(errors="replace").rstrip():
                self.stderr.append(text)

    async def end_input(self) -> None:
        """Close the input; an idle CLI then ends."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    async def close(self) -> None:
        """End the process: SIGTERM first, SIGKILL after `TERM_SECONDS`. Returns when it has ended."""
        process = self._process
        if process is None or self._ended:
            return
        self._ended = True
        await self.end_input()
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), TERM_SECONDS)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)  # its MCP servers too; a shell of Bash has a session of its own
        await process.wait()
        if self._stderr_task is not None:
            self._stderr_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._stderr_task

    def is_ready(self) -> bool:
        """Whether the process accepts input."""
        return self.pid is not None
