"""What one Messages request shows: the agent, the number of its turn, how far the turn has come. Pure."""

import re
from dataclasses import dataclass, field
from typing import Any

from harness.prompt.frames import without_frames

_NAME = re.compile(r"Your name in the hive is `([^`]+)`")
_CWD = re.compile(r"Primary working directory: (\S+)")
_MACHINE_TEXTS = ("<system-reminder>", "<local-command-", "<command-name>", "[Request interrupted")


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The conversation of one agent at the time of one request."""

    agent: str
    cwd: str
    model: str
    tools: tuple[str, ...]
    openings: tuple[str, ...]
    """The texts that opened a turn, oldest first."""
    texts: tuple[str, ...]
    """Every text the model received, tool results included, oldest first."""
    result: str | None
    """The newest tool results, when the request carries some."""
    position: int
    """Answers the model has given since the turn opened."""
    size: int
    """The request's length in characters."""

    @property
    def opening(self) -> str:
        """The text that opened the present turn."""
        return self.openings[-1] if self.openings else ""


@dataclass(slots=True)
class _Conversation:
    """The messages of a request, counted one after the other."""

    openings: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    result: str | None = None
    position: int = 0

    def add(self, message: dict[str, Any]) -> None:
        if message.get("role") == "assistant":
            self.position += 1
            self.result = None
        elif message.get("role") == "user":
            self._add_input(_blocks(message.get("content")))

    def _add_input(self, blocks: list[dict[str, Any]]) -> None:
        results = [
            without_frames(_text(block.get("content"))) for block in blocks if block.get("type") == "tool_result"
        ]
        texts = [without_frames(block["text"]) for block in blocks if _is_text(block)]
        self.texts += results + texts
        if results:
            self.result = "\n".join(results)
        elif texts:
            self.openings.append(texts[-1])
            self.position, self.result = 0, None


def read_dialogue(request: dict[str, Any], size: int) -> Dialogue:
    """The dialogue in a request body; unknown kinds of messages and blocks are ignored."""
    messages = request.get("messages", [])
    conversation = _Conversation()
    for message in messages:
        conversation.add(message)
    system = _text(request.get("system")) + "".join(
        _text(message.get("content")) for message in messages if message.get("role") == "system"
    )
    return Dialogue(
        agent=_first(_NAME, system, "unknown"),
        cwd=_first(_CWD, system, "."),
        model=str(request.get("model", "unknown")),
        tools=tuple(str(tool.get("name")) for tool in request.get("tools", [])),
        openings=tuple(conversation.openings),
        texts=tuple(conversation.texts),
        result=conversation.result,
        position=conversation.position,
        size=size,
    )


def _first(pattern: re.Pattern[str], text: str, default: str) -> str:
    match = pattern.search(text)
    return match.group(1) if match else default


def _blocks(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return [block for block in content or [] if isinstance(block, dict)]


def _is_text(block: dict[str, Any]) -> bool:
    return block.get("type") == "text" and not str(block.get("text", "")).lstrip().startswith(_MACHINE_TEXTS)


def _text(content: Any) -> str:
    return "\n".join(str(block.get("text", "")) for block in _blocks(content))
