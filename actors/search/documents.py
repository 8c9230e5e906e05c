"""What is searched: the documents that a row of a table becomes. Pure.

An event of an agent's stream has a document for each of its texts, tool calls and outputs; other rows have one each.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from harness.wire.names import broker_name

TURN: Final = ("prompt", "text", "tool", "output", "note")
KINDS: Final = ("message", "turn", *TURN, "question", "decision")
"""The values of `in:`; `turn` is all that an agent's turns hold."""
EVERY: Final = "x"
"""The tag of every document."""
MAX_PARTS = 200

_CONTROL = {number: " " for number in range(32) if chr(number) not in "\n\t"}


@dataclass(frozen=True, slots=True)
class Document:
    """`key` is the id of the row, `ref` the id by which a person knows it; times are milliseconds UTC."""

    key: int
    ref: int
    kind: str
    at: int
    sender: str
    recipient: str
    agent: str
    text: str
    part: int = 0
    unresolved: bool = False
    """The row will change: a question that is not answered yet."""

    @property
    def clean(self) -> str:
        """The text without control characters, which mark the hits in a snippet."""
        return self.text.translate(_CONTROL).encode("utf-8", "replace").decode()

    @property
    def tags(self) -> str:
        """The words by which filters find the document."""
        found = [EVERY, tag("in", self.kind)] + ([tag("in", "turn")] if self.kind in TURN else [])
        found += [tag(key, name) for key, name in (("from", self.sender), ("to", self.recipient)) if name]
        found += [tag("agent", name) for name in {self.sender, self.recipient, self.agent} if name]
        return " ".join(found)


def tag(key: str, value: str) -> str:
    """One word of letters and digits for a filter and its value: a tokenizer neither splits nor folds it."""
    return key[0] + broker_name(value).encode("utf-8", "replace").hex()


def message(row: tuple[Any, ...]) -> Document:
    """(id, at, sender, recipient, body)."""
    id_, at, sender, recipient, body = row
    return Document(id_, id_, "message", at, sender, recipient, "", body)


def question(row: tuple[Any, ...]) -> Document:
    """(id, at, asker, target, question, options, answer, answerer, status)."""
    id_, at, asker, target, text, options, answer, _answerer, status = row
    lines = [text, *json.loads(options), answer or ""]
    whole = "\n".join(line for line in lines if line)
    return Document(id_, id_, "question", at, asker, target, "", whole, unresolved=status == "pending")


def decision(row: tuple[Any, ...]) -> Document:
    """(id, at, approval_id, agent, kind, verdict, decided_by, note, description)."""
    id_, at, approval_id, agent, kind, verdict, decided_by, note, description = row
    text = "\n".join(line for line in (f"{verdict} {kind} {agent}", description, note) if line)
    decider = decided_by.partition(" ")[0]  # the name, without the user of the machine
    return Document(id_, approval_id, "decision", at, decider, "", agent, text)


def of_event(row: tuple[Any, ...]) -> list[Document]:
    """(id, at, agent, payload). What Claude says is the model's: a shape that is none of ours has no document."""
    id_, at, agent, payload = row
    try:
        event = json.loads(payload)
        found = list(_texts(event)) if isinstance(event, dict) else []
    except (ValueError, TypeError, RecursionError):
        return []
    blank = Document(id_, id_, "", at, "", "", agent, "")
    return [
        replace(blank, kind=kind, text=text, part=number)
        for number, (kind, text) in enumerate(found[:MAX_PARTS])
        if text.strip()
    ]


def _texts(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    match event:
        case {"kind": "turn_start", "body": str(body)}:
            yield "prompt", body
        case {"kind": "note", "text": str(text)} | {"kind": "turn_end", "note": str(text)}:
            yield "note", text
        case {"kind": "stream", "message": {"type": "assistant" | "user" as who, "message": {"content": content}}}:
            if isinstance(content, str):
                yield ("prompt" if who == "user" else "text"), content
            for block in content if isinstance(content, list) else []:
                yield from _block(block)


def _block(block: Any) -> Iterator[tuple[str, str]]:
    match block:
        case {"type": "text", "text": str(text)} | {"type": "thinking", "thinking": str(text)}:
            yield "text", text
        case {"type": "tool_use", "name": str(name), "input": given}:
            yield "tool", "\n".join([name, *_strings(given)])
        case {"type": "tool_result", "content": content}:
            yield "output", "\n".join(_strings(content))


def _strings(value: Any) -> Iterator[str]:
    """Every text and number in a tree of JSON, the type of a block apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "type":
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
