"""The real Claude Code, kept warm between turns and resumed by its session id.

Owns the CLI process and nothing else. The SDK, 70 MB, is imported when the first turn comes. A session that can not
be resumed is replaced by a fresh one; `fresh` then says that Claude remembers nothing.
"""

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness import command
from harness.frames import Frame, Tally, ending_of
from harness.permissions import permissions
from harness.settings import Settings
from harness.tools import Ask, Tool
from harness.turn import Ending
from harness.wire.agent_config import HIVE_TOOLS_KEY

if TYPE_CHECKING:
    from claude_agent_sdk import ClaudeSDKClient

    from harness.transport import ClaudeProcess

INTERRUPT_SECONDS = 10.0
"""How long an interrupted Claude may take to say its last word."""


class CannotStart(Exception):  # noqa: N818 — the name is the sentence
    """Claude did not come up, not even with a fresh session; the text is why."""


@dataclass(slots=True)
class Turn:
    """What one prompt led to."""

    ending: Ending
    tally: Tally
    cold: bool
    cost_usd: float | None


class Claude:
    """One Claude Code session. Used by one task, but for `interrupt` and `pid`."""

    def __init__(self, settings: Settings, ask: Ask, on_frame: Callable[[Frame], None]) -> None:
        self._settings = settings
        self._ask = ask
        self._on_frame = on_frame
        self._client: ClaudeSDKClient | None = None
        self._process: ClaudeProcess | None = None
        self._reader: asyncio.Task[None] | None = None
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._cost_before: float | None = None
        self._cancelled = False
        self._model: str | None = None

    @property
    def warm(self) -> bool:
        """Whether the CLI is up."""
        return self.pid is not None and self._reader is not None and not self._reader.done()

    @property
    def cost_usd(self) -> float | None:
        """What the running CLI has cost so far."""
        return self._cost_before

    @property
    def pid(self) -> int | None:
        """The CLI's process id while it is up."""
        return self._process.pid if self._process is not None else None

    async def open(self, *, session_id: str | None, model: str, tools: Sequence[Tool], system_prompt: str) -> str:
        """Bring the CLI up and return the session's id: the given one if it could be resumed, else a new one."""
        await self.close()
        if session_id is not None:
            try:
                await self._start(command.Launch(model, session_id, resume=True), tools, system_prompt)
            except CannotStart:
                await self.close()
            else:
                return session_id
        fresh = str(uuid.uuid4())
        try:
            await self._start(command.Launch(model, fresh, resume=False), tools, system_prompt)
        except CannotStart:
            await self.close()
            raise
        return fresh

    async def _start(self, launch: command.Launch, tools: Sequence[Tool], system_prompt: str) -> None:
        from claude_agent_sdk import ClaudeAgentOptions, ClaudeSDKClient, McpSdkServerConfig  # noqa: PLC0415 — 70 MB

        from harness.toolserver import build  # noqa: PLC0415 — imports mcp
        from harness.transport import ClaudeProcess  # noqa: PLC0415 — imports the SDK

        rules = permissions(self._settings.config, [tool.name for tool in tools])
        argv = command.command(self._settings, launch, rules, system_prompt)
        env = command.environment(os.environ, self._settings)
        self._frames = asyncio.Queue()
        self._cost_before = None
        self._model = launch.model
        process = ClaudeProcess(argv, env, self._settings.state_dir, self._frames.put_nowait)
        key = HIVE_TOOLS_KEY
        server = McpSdkServerConfig(type="sdk", name=key, instance=build(tools, self._ask))
        client = ClaudeSDKClient(ClaudeAgentOptions(mcp_servers={key: server}), transport=process)
        self._process, self._client = process, client
        try:
            await client.connect()
        except Exception as error:
            raise CannotStart("\n".join([f"claude did not start: {error}", *process.stderr])) from error
        self._reader = asyncio.create_task(self._drain(client), name="claude-reader")

    async def _drain(self, client: "ClaudeSDKClient") -> None:
        """Keeps the SDK's stream flowing; the frames themselves come from the transport."""
        with contextlib.suppress(Exception):  # how it ended is in the exit status and on stderr
            async for _ in client.receive_messages():
                pass
        self._frames.put_nowait(None)

    async def turn(self, text: str, *, verbatim: bool = True, cold: bool = False) -> Turn:
        """Say `text` and listen until Claude is done. Never raises for what Claude does, only for being cancelled.

        `verbatim` keeps Claude Code from acting on `/…` and `@path` in what others wrote.
        """
        while not self._frames.empty():  # trailing frames of the turn before
            self._on_frame(self._frames.get_nowait() or {})
        tally = Tally()
        assert self._client is not None
        try:
            if not self._cancelled:  # it may have been, while Claude was starting
                await self._client.query(_prompt(text, verbatim=verbatim))
                await self._listen(tally)
        except Exception as error:
            self._note(f"claude: {error or 'no answer to the interrupt'}")
        cost = _turn_cost(tally.total_cost_usd, self._cost_before)
        self._cost_before = tally.total_cost_usd or self._cost_before
        ending = self._ending(tally)
        if self._cancelled and tally.result is None:
            await self.close()  # it did not react: what it would still say belongs to nobody
        self._cancelled = False
        return Turn(ending, tally, cold, cost)

    async def _listen(self, tally: Tally) -> None:
        while tally.result is None:
            timeout = INTERRUPT_SECONDS if self._cancelled else None
            frame = await asyncio.wait_for(self._frames.get(), timeout)
            if frame is None:
                return
            if frame:
                tally.take(frame)
                self._on_frame(frame)

    def _ending(self, tally: Tally) -> Ending:
        process = self._process
        return ending_of(
            tally,
            cancelled=self._cancelled,
            stderr=list(process.stderr) if process is not None else [],
            exit_status=process.exit_status if process is not None else None,
        )

    async def interrupt(self) -> None:
        """Make the running turn end. Without an answer in time the CLI is ended; the session can be resumed."""
        self._cancelled = True
        self._frames.put_nowait({})  # wakes the listener, which from now on is in a hurry
        if self._client is not None and self.warm:
            with contextlib.suppress(Exception):  # a CLI that is just dying has nothing to interrupt
                await asyncio.wait_for(self._client.interrupt(), INTERRUPT_SECONDS)

    async def use_model(self, model: str) -> None:
        """Go on with another model from the next turn."""
        if self._client is not None and self.warm and model != self._model:
            await self._client.set_model(model)
        self._model = model

    async def context(self) -> tuple[int, int] | None:
        """Tokens in the context and the window, as Claude counts them; None when it does not say."""
        if self._client is None or not self.warm:
            return None
        try:
            told: Any = await asyncio.wait_for(self._client.get_context_usage(), INTERRUPT_SECONDS)
        except Exception:
            return None
        return int(told["totalTokens"]), int(told["maxTokens"])

    async def close(self) -> None:
        """End the CLI politely; the session stays on disk."""
        client, process, reader = self._client, self._process, self._reader
        self._client = self._process = self._reader = None
        if process is not None:
            await process.close()
        if client is not None:
            with contextlib.suppress(Exception):  # the process is gone, what the SDK still says does not matter
                await client.disconnect()
        if reader is not None:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    def _note(self, text: str) -> None:
        if self._process is not None:
            self._process.stderr.append(text)


async def _prompt(text: str, *, verbatim: bool) -> AsyncIterator[dict[str, Any]]:
    message = {"role": "user", "content": text}
    yield {"type": "user", "message": message, "parent_tool_use_id": None, "client_composed": verbatim}


def _turn_cost(total: float | None, before: float | None) -> float | None:
    """Claude tells the sum of its process; a turn's own cost is the difference."""
    return None if total is None else total - (before or 0.0)
