"""The hive's tools: one table from an MCP tool to a wire request.

A tool is named like its verb and takes the request's own fields, so that the prompt, the schema and the wire can not
drift apart (a test compares all three). The same table is served inside the harness and by `hive-mcp`.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from harness.prompt.messages import render_mail
from harness.wire.agent_api import MANAGER_VERBS, RecvReply, SendReply
from harness.wire.model import Reply, Request

ALL = frozenset({"agent", "manager", "peer"})
MANAGER_ONLY = frozenset({"manager"})
PEER_ONLY = frozenset({"peer"})

Ask = Callable[[Request], Awaitable[Reply]]
"""Sends a request to the host; raises HiveError when it is refused."""

CORE = frozenset({"send", "recv", "status", "recent", "whoami", "set_status"})
"""What is offered when a host does not say what it serves."""


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `arguments` describes every field of the request but `cmd`; `roles` may use it."""

    name: str
    description: str
    arguments: dict[str, str]
    roles: frozenset[str] = ALL
    verb: str = ""
    render: Callable[[Any], str] | None = None

    @property
    def cmd(self) -> str:
        """The wire verb; the tool's own name unless it says otherwise."""
        return self.verb or self.name

    @property
    def request(self) -> type[Request]:
        """The request this tool sends."""
        return MANAGER_VERBS[self.cmd][0]

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments: the request's own, without `cmd`, with words."""
        schema = self.request.model_json_schema(by_alias=True)
        properties: dict[str, Any] = schema.get("properties", {})
        properties.pop("cmd", None)
        described = {key: {**value, "description": self.arguments[key]} for key, value in properties.items()}
        required = [key for key in schema.get("required", []) if key != "cmd"]
        plain = {"type": "object", "properties": described, "additionalProperties": False}
        return {**plain, "required": required} if required else plain

    def text(self, reply: Reply) -> str:
        """What Claude is told of a good reply."""
        if self.render is not None:
            return self.render(reply)
        told = {key: value for key, value in reply.as_frame().items() if value is not None}
        return json.dumps(told, ensure_ascii=False) if told else "done"


def _sent(reply: SendReply) -> str:
    if reply.recipients is not None:
        return f"sent to {len(reply.recipients)}: {', '.join(reply.recipients)} (ids {reply.ids})"
    return f"sent, id {reply.id}"


def _received(reply: RecvReply) -> str:
    return render_mail(reply.messages, remaining=reply.remaining)


def _recent(reply: Any) -> str:
    return render_mail(reply.messages, remaining=0)


TOOLS: tuple[Tool, ...] = (
    Tool(
        "recv",
        "Read your mail. Without wait_seconds it looks and returns at once; with it, it waits for the first message. "
        "What you receive counts as done when this turn ends well.",
        {
            "wait_seconds": "How long to wait for a first message, at most 180. Left out or 0: look and return.",
            "max": "How many messages at most, 1 to 32. Default 1.",
        },
        render=_received,
    ),
    Tool(
        "send",
        "Send a message to an agent, the manager, the operator, or everybody (*). It wakes whoever gets it.",
        {
            "to": "An agent's name, manager, operator, self, or * for everybody.",
            "body": "The text, at most 64 KiB; put more into a file under the shared directory and send its path.",
            "in_reply_to": "The id of the message you answer.",
        },
        render=_sent,
    ),
    Tool("status", "How much of your mail waits and how much is in your hands.", {}),
    Tool(
        "recent",
        "Your newest messages whatever became of them. Changes nothing.",
        {"limit": "How many, 1 to 200. Default 30."},
        render=_recent,
    ),
    Tool(
        "ask",
        "Put a question to the operator or an agent. Returns its id at once; end your turn, the answer comes as mail.",
        {
            "question": "The question, complete in itself.",
            "options": "Answers to choose from; left out: free text.",
            "multi": "Whether several options may be chosen.",
            "ttl_seconds": "After how long it expires unanswered, at most 21600.",
            "to": "Whom to ask. Default operator.",
        },
    ),
    Tool(
        "answer",
        "Answer a question that was put to you.",
        {"id": "The question's id.", "answer": "Your answer; one of its options if it has any."},
    ),
    Tool(
        "remind",
        "Have a message sent to yourself later. Give either delay_seconds or at.",
        {
            "message": "What to tell you then.",
            "delay_seconds": "In how many seconds.",
            "at": "When, as an RFC 3339 time such as 2030-01-31T09:00:00Z.",
        },
    ),
    Tool("loose_ends", "Your open questions and reminders; the manager sees the whole hive's.", {}),
    Tool(
        "cancel",
        "Take back a question or a reminder of your own.",
        {"kind": "question or reminder.", "id": "Its id."},
    ),
    Tool("whoami", "Your name, role, model, and the limits and policy in force for you.", {}),
    Tool(
        "set_status",
        "Show the operator one line about what you are doing.",
        {"text": "At most 200 characters; empty clears it."},
    ),
    Tool(
        "ack",
        "Say that you are done with everything you have received. What is not acknowledged is offered again, marked "
        "as redelivered, when you next connect.",
        {},
        PEER_ONLY,
        verb="ack_turn",
    ),
    Tool(
        "request_spawn",
        "Ask the operator for a new agent with the standard configuration.",
        {"name": "Its name.", "description": "What it is for, and what you checked."},
        MANAGER_ONLY,
    ),
    Tool(
        "request_spawn_draft",
        "Make the configuration repository and state directory of an agent to be, without starting anything.",
        {"name": "Its name."},
        MANAGER_ONLY,
    ),
    Tool(
        "request_spawn_commit",
        "Ask the operator to create the drafted agent from a commit of its configuration.",
        {
            "name": "Its name.",
            "commit_ref": "7 to 40 hex digits of the commit.",
            "description": "What it is for, and what you checked.",
        },
        MANAGER_ONLY,
    ),
    Tool(
        "request_apply_commit",
        "Ask the operator to put a commit of an agent's configuration into force.",
        {
            "agent": "The agent; hm1nd is yourself.",
            "commit_ref": "7 to 40 hex digits of the commit.",
            "description": "What changes and why, and what you checked.",
        },
        MANAGER_ONLY,
    ),
    Tool("start", "Start an agent that is stopped.", {"name": "The agent."}, MANAGER_ONLY),
    Tool("kill", "Stop an agent at once. Its unfinished mail comes back.", {"name": "The agent."}, MANAGER_ONLY),
    Tool("restart", "Stop an agent and start it again.", {"name": "The agent."}, MANAGER_ONLY),
    Tool("update", "Build an agent again from what is in force.", {"name": "The agent."}, MANAGER_ONLY),
    Tool(
        "get_logs",
        "The newest lines of an agent's log.",
        {"agent": "The agent.", "lines": "How many, 1 to 5000. Default 200."},
        MANAGER_ONLY,
    ),
)


def offered(role: str, verbs: Iterable[str] | None) -> tuple[Tool, ...]:
    """The tools of a role that the host serves. None: the host does not say, so only what every host has."""
    served = CORE if verbs is None else frozenset(verbs)
    return tuple(tool for tool in TOOLS if role in tool.roles and tool.cmd in served)
