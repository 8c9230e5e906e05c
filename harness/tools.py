"""The hive's tools as Claude has them: the rows of the wire's table that carry a text for Claude.

A tool is named like its verb unless the row says otherwise, and takes the fields of the request, described where they
are declared. The daemon's sockets read the same rows. Served inside the harness and by `hive-mcp`.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from harness.prompt.frames import json_text
from harness.prompt.messages import render_mail
from harness.wire.agent_api import ROWS, MessagesReply, RecvReply
from harness.wire.model import Reply, Request
from harness.wire.verb import Caller, ToolText, Verb

Ask = Callable[[Request], Awaitable[Reply]]
"""Sends a request to the daemon; raises HiveError when it is refused."""

CORE = frozenset({"send", "recv", "status", "recent", "whoami", "set_status"})
"""What is offered when a daemon does not say what it serves."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One verb as Claude is offered it."""

    verb: Verb[Any, Any]
    words: ToolText[Any]

    @property
    def name(self) -> str:
        return self.words.name or self.verb.cmd

    @property
    def callers(self) -> frozenset[Caller]:
        """Who is offered this tool."""
        return self.verb.callers & self.words.callers

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments: that of the request, without `cmd`."""
        schema = self.verb.request.model_json_schema(by_alias=True)
        for redundant in ("title", "description"):
            schema.pop(redundant, None)
        schema.setdefault("properties", {}).pop("cmd", None)
        required = [key for key in schema.pop("required", []) if key != "cmd"]
        return {**schema, "required": required} if required else schema

    def text(self, reply: Reply) -> str:
        """What Claude is told of a good reply. Mail looks as it does in the prompt of a turn."""
        if isinstance(reply, RecvReply):
            return render_mail(reply.messages, remaining=reply.remaining)
        if isinstance(reply, MessagesReply):
            return render_mail(reply.messages, remaining=0)
        if self.words.tell is not None:
            return self.words.tell(reply)
        told = {key: value for key, value in reply.as_frame().items() if value is not None}
        return json_text(json.dumps(told, ensure_ascii=False)) if told else "done"


TOOLS: tuple[Tool, ...] = tuple(Tool(verb, verb.tool) for verb in ROWS if verb.tool is not None)


def offered(role: str, verbs: Iterable[str] | None) -> tuple[Tool, ...]:
    """The tools of a role whose verbs the daemon serves. None: the daemon does not say, so only `CORE`."""
    served = CORE if verbs is None else frozenset(verbs)
    return tuple(tool for tool in TOOLS if role in tool.callers and tool.verb.cmd in served)
