"""Whether the model answers at all: one request of a few tokens through Claude Code, apart from the agent's session."""

import asyncio
import contextlib
import json
import os
import signal
from typing import Any

from harness.claude import command
from harness.claude.die_with_parent import end_with_parent
from harness.prompt.probe import PROMPT, SYSTEM_PROMPT
from harness.settings import Settings

TIMEOUT_SECONDS = 20.0
"""A model that is slower than this is not refused: an outage is no fault of a configuration."""

REFUSALS = frozenset({400, 403, 404})
"""HTTP statuses with which the service refuses a model; every other failure may pass."""


async def refusal(settings: Settings, model: str) -> str | None:
    """Why the service refuses this model; None when it answers, or when it cannot be told at this time."""
    process = await asyncio.create_subprocess_exec(
        *_command(settings, model),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=settings.state_dir,
        env=command.environment(os.environ, settings) | {"CLAUDE_CODE_MAX_RETRIES": "0"},
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(PROMPT.encode()), TIMEOUT_SECONDS)
    except TimeoutError:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return read_refusal(output, model)


def read_refusal(output: bytes, model: str) -> str | None:
    """The refusal in the result that `claude --print --output-format json` prints. Pure."""
    try:
        result: Any = json.loads(output)
    except ValueError:
        return None
    if not isinstance(result, dict) or not result.get("is_error") or result.get("api_error_status") not in REFUSALS:
        return None
    return f"the model {model!r} is refused: {str(result.get('result'))[:500]}"


def _command(settings: Settings, model: str) -> list[str]:
    return [
        str(settings.claude_cli),
        "--print",
        "--output-format", "json",
        "--system-prompt", SYSTEM_PROMPT,
        "--model", model,
        "--tools", "",
        "--no-session-persistence",
        "--setting-sources=",
        "--strict-mcp-config",
    ]  # fmt: skip
