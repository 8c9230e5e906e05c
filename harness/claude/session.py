"""One Claude Code session: the CLI is kept warm between turns and resumed by its session id.

Owns the CLI process. The SDK takes 23 MB, so it is imported at the first turn. A session that cannot be resumed is
replaced by a new one, which remembers nothing: `open` then returns another id than it was given.
"""

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from harness import mcp_packages
from harness.claude import command
from harness.claude.frames import Frame
from harness.claude.mcp_file import mcp_file
from harness.claude.outcome import TurnResult, turn_result
from harness.claude.permissions import permissions
from harness.claude.sealed_file import path_of, sealed_file
from harness.claude.tally import Tally
from harness.claude.turn_limits import NO_LIMITS, TurnLimits
from harness.settings import Settings
from harness.tools import Ask, Tool
from harness.wire.agent_config import HIVE_TOOLS_KEY

if TYPE_CHECKING:
    from claude_agent_sdk import ClaudeSDKClient

    from harness.claude.transport import ClaudeProcess

INTERRUPT_SECONDS = 10.0
"""How long the CLI may take to answer an interrupt."""

STATUS_SECONDS = 10.0
"""How long the CLI may take to say how its MCP servers are."""

_INTERRUPTED: Frame = {}
"""Queued to wake the turn that reads frames; it is no frame of the CLI."""


class CannotStart(Exception):  # noqa: N818 — the name is the sentence
    """The CLI did not start, not even with a new session; the text is the reason."""


@dataclass(frozen=True, slots=True)
class CompletedTurn:
    """What one prompt led to. `cold` says that the CLI was started for it."""

    result: TurnResult
    tally: Tally
    cold: bool
    cost_usd: float | None


class ClaudeSession:
    """The CLI and its SDK client. Used by one task, except for `interrupt`."""

    def __init__(self, settings: Settings, ask: Ask, on_frame: Callable[[Frame], None]) -> None:
        self._settings = settings
        self._ask = ask
        self._on_frame = on_frame
        self._client: ClaudeSDKClient | None = None
        self._process: ClaudeProcess | None = None
        self._reader: asyncio.Task[None] | None = None
        self._frames: asyncio.Queue[Frame | None] = asyncio.Queue()
        self._process_cost_usd: float | None = None
        self._cancelled = False
        self._over_limit: str | None = None
        self._model: str | None = None

    @property
    def warm(self) -> bool:
        """Whether the CLI runs."""
        is_running = self._process is not None and self._process.pid is not None
        return is_running and self._reader is not None and not self._reader.done()

    @property
    def pid(self) -> int | None:
        """The process id of the CLI while it runs; it is the id of its session too."""
        return None if self._process is None else self._process.pid

    @property
    def cost_usd(self) -> float | None:
        """What the running CLI has cost so far."""
        return self._process_cost_usd

    async def open(self, *, session_id: str | None, model: str, tools: Sequence[Tool], system_prompt: str) -> str:
        """Start the CLI; the id of its session: `session_id` if it could be resumed, else a new one.

        Raises CannotStart.
        """
        await self.close()
        if session_id is not None:
            try:
                await self._start(command.Launch(model, session_id, resume=True), tools, system_prompt)
            except CannotStart:
                await self.close()
            else:
                return session_id
        new_id = str(uuid.uuid4())
        try:
            await self._start(command.Launch(model, new_id, resume=False), tools, system_prompt)
        except CannotStart:
            await self.close()
            raise
        return new_id

    async def _start(self, launch: command.Launch, tools: Sequence[Tool], system_prompt: str) -> None:
        mcp_packages.defer()
        from claude_agent_sdk import ClaudeAgentOptions, ClaudeSDKClient, McpSdkServerConfig  # noqa: PLC0415 — 23 MB

        from harness.claude.transport import ClaudeProcess  # noqa: PLC0415 — imports the SDK
        from harness.toolserver import build  # noqa: PLC0415 — imports mcp

        rules = permissions(self._settings.config, [tool.name for tool in tools])
        env = command.environment(os.environ, self._settings)
        self._frames = asyncio.Queue()
        self._process_cost_usd = None
        self._model = launch.model
        server = McpSdkServerConfig(type="sdk", name=HIVE_TOOLS_KEY, instance=build(tools, self._ask))
        with mcp_file(self._settings) as file, sealed_file("system-prompt", system_prompt) as prompt:
            argv = command.command(self._settings, launch, rules, system_prompt=path_of(prompt), mcp_config=file)
            process = ClaudeProcess(argv, env, self._settings.state_dir, self._frames.put_nowait, files=(prompt,))
            client = ClaudeSDKClient(ClaudeAgentOptions(mcp_servers={HIVE_TOOLS_KEY: server}), transport=process)
            self._process, self._client = process, client
            try:
                await client.connect()
            except Exception as error:
                raise CannotStart("\n".join([f"claude did not start: {error}", *process.stderr])) from error
        self._reader = asyncio.create_task(self._drain(client), name="claude-reader")

    async def _drain(self, client: "ClaudeSDKClient") -> None:
        """Keep the SDK's stream flowing; the frames themselves come from the transport."""
        with contextlib.suppress(Exception):  # the exit status and stderr say how the CLI ended
            async for _ in client.receive_messages():
                pass
        self._frames.put_nowait(None)

    async def turn(
        self, text: str, *, verbatim: bool = True, cold: bool = False, limits: TurnLimits = NO_LIMITS
    ) -> CompletedTurn:
        """Send `text` and read frames until the turn is over. Every failure of the CLI becomes a result.

        At a limit the turn is interrupted, as by `interrupt`, and the result says which limit it was.
        `verbatim` keeps Claude Code from acting on `/…` and `@path` in the text.
        """
        self._pass_on_late_frames()
        tally = Tally()
        assert self._client is not None
        try:
            if not self._cancelled:  # the operator can cancel while the CLI starts
                await self._client.query(_prompt(text, verbatim=verbatim))
                await self._read_turn(tally, limits)
        except Exception as error:
            self._add_stderr(f"claude: {error or 'no answer to the interrupt'}")
        cost = _turn_cost(tally.total_cost_usd, self._process_cost_usd)
        self._process_cost_usd = tally.total_cost_usd or self._process_cost_usd
        result = self._result(tally)
        if self._cancelled and tally.result is None:
            await self.close()  # the interrupt had no effect; later frames would belong to no turn
        self._cancelled, self._over_limit = False, None
        return CompletedTurn(result, tally, cold, cost)

    def _pass_on_late_frames(self) -> None:
        """Frames can follow the result of the turn before."""
        while not self._frames.empty():
            if frame := self._frames.get_nowait():
                self._on_frame(frame)

    async def _read_turn(self, tally: Tally, limits: TurnLimits) -> None:
        now = asyncio.get_running_loop().time
        began = now()
        while tally.result is None:
            if not self._cancelled and (why := limits.exceeded(now() - began, tally.calls)) is not None:
                self._over_limit = why
                await self.interrupt()
            timeout = INTERRUPT_SECONDS if self._cancelled else limits.seconds_left(now() - began)
            try:
                frame = await asyncio.wait_for(self._frames.get(), timeout)
            except TimeoutError:
                if self._cancelled:
                    raise
                continue
            if frame is None:
                return
            if frame is not _INTERRUPTED:
                tally.add(frame)
                self._on_frame(frame)

    def _result(self, tally: Tally) -> TurnResult:
        process = self._process
        return turn_result(
            tally,
            cancelled=self._cancelled,
            stderr=list(process.stderr) if process is not None else [],
            exit_status=process.exit_status if process is not None else None,
            over_limit=self._over_limit,
        )

    async def interrupt(self) -> None:
        """End the running turn. A CLI that does not answer in time is ended; its session can be resumed."""
        self._cancelled = True
        self._frames.put_nowait(_INTERRUPTED)
        if self._client is not None and self.warm:
            with contextlib.suppress(Exception):  # a CLI that is ending has no turn to interrupt
                await asyncio.wait_for(self._client.interrupt(), INTERRUPT_SECONDS)

    async def use_model(self, model: str) -> None:
        """Use another model from the next turn on."""
        if self._client is not None and self.warm and model != self._model:
            await self._client.set_model(model)
        self._model = model

    async def mcp_status(self) -> Mapping[str, Any]:
        """How the CLI sees its MCP servers; empty when it does not run."""
        return (
            {}
            if self._client is None or not self.warm
            else cast("Mapping[str, Any]", await asyncio.wait_for(self._client.get_mcp_status(), STATUS_SECONDS))
        )

    async def close(self) -> None:
        """End the CLI; the session stays on disk."""
        client, process, reader = self._client, self._process, self._reader
        self._client = self._process = self._reader = None
        if process is not None:
            await process.close()
        if client is not None:
            with contextlib.suppress(Exception):  # the process has ended; errors of the SDK do not matter any more
                await client.disconnect()
        if reader is not None:
            reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reader

    def _add_stderr(self, text: str) -> None:
        if self._process is not None:
            self._process.stderr.append(text)


async def _prompt(text: str, *, verbatim: bool) -> AsyncIterator[dict[str, Any]]:
    message = {"role": "user", "content": text}
    yield {"type": "user", "message": message, "parent_tool_use_id": None, "client_composed": verbatim}


def _turn_cost(total: float | None, before: float | None) -> float | None:
    """The CLI reports the sum of its process; the cost of one turn is the difference."""
    return None if total is None else total - (before or 0.0)
