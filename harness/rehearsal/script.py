"""Scripts as data: rules that match a request of the CLI, and the steps that answer it.

A script is a TOML file of `[[rule]]` tables, first match wins; `include` names scripts whose rules follow. All
patterns are Python regular expressions that are *searched*, except `agent`, which must match the whole name.
Named groups become `$variables` in the steps. docs/rehearsal.md has every key with an example.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SCRIPTS = Path(__file__).parent / "scripts"


class ScriptError(ValueError):
    """The script cannot be read; the message names the file and the place."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Call(_Part):
    """One tool call. A bare name such as `send` finds `mcp__<server>__send` among the tools that were offered."""

    call: str
    input: dict[str, Any] = {}


class ScriptStep(_Part):
    """One answer of the model: text, tool calls, or trouble."""

    say: str | None = None
    call: str | None = None
    input: dict[str, Any] = {}
    calls: list[Call] = []
    fail: (
        Literal["bad_request", "not_found", "overflow", "overloaded", "rate_limit", "server_error", "unauthorized"]
        | None
    ) = None
    reset_seconds: Annotated[float, Field(ge=0)] | None = None
    """With `rate_limit`: in how many seconds the limit is reported to end."""
    hang_seconds: Annotated[float, Field(ge=0)] = 0
    """Silence before the first byte."""
    slow_seconds: Annotated[float, Field(ge=0)] = 0
    """Pause between two words."""
    context_tokens: int | None = None
    """The context size the answer claims; otherwise it is estimated from the request."""

    def all_calls(self) -> list[Call]:
        """The calls of this step in order."""
        single = [Call(call=self.call, input=self.input)] if self.call else []
        return single + self.calls


class Rule(_Part):
    """When to answer, and with what. Each request of the turn gets the next of `steps`."""

    agent: str | None = None
    when: str | None = None
    """Searched in the text that opened the turn."""
    result: str | None = None
    """Searched in the newest tool results; such a rule always answers with its first step."""
    model: str | None = None
    """Searched in the name of the model. The check of a new configuration is answered by rules with this key alone."""
    turn: int | None = None
    """Only in the n-th turn of the conversation, counted from 1."""
    seen: list[str] = []
    """Each of these occurs in the texts the model received, in any turn after `since`."""
    since: str | None = None
    times: int | None = None
    """How often this server lets the rule begin."""
    steps: Annotated[list[ScriptStep], Field(min_length=1)]


class Script(_Part):
    include: list[str] = []
    rule: list[Rule] = []


def load(name: str | Path) -> list[Rule]:
    """The rules of a script and of those it includes; `name` is a file or one of `scripts/`."""
    return _load(name, ())


def _load(name: str | Path, above: tuple[Path, ...]) -> list[Rule]:
    path = _find(name)
    if path in above:
        raise ScriptError(f"{path} includes itself")
    try:
        script = Script.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ScriptError(f"{path}: {error}") from error
    included = [rule for other in script.include for rule in _load(other, (*above, path))]
    return script.rule + included


def _find(name: str | Path) -> Path:
    """The file of a script: a path as given, a bare name below `scripts/`."""
    path = Path(name)
    return path if path.suffix else SCRIPTS / f"{name}.toml"
