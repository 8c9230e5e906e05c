"""An event of the hive as Claude reads it: the facts, and apart from them the words of others that it repeats. Pure."""

import json
from collections.abc import Iterable

from pydantic import ValidationError

from harness.prompt.frames import json_text
from harness.wire.agent_api import Message, MessageKind
from harness.wire.events import HELPER_EVENTS, HelperEvent
from harness.wire.names import SYSTEM

Quote = tuple[str, str, str]
"""The field, who wrote it, and the words."""


def read_event(message: Message) -> HelperEvent | None:
    """The event in a message of the hive; None for other mail, and for an event that this version does not know."""
    if message.from_ != SYSTEM or message.kind is not MessageKind.EVENT:
        return None
    try:
        body = json.loads(message.body)
        return HELPER_EVENTS[body["event"]].model_validate(body)
    except (ValueError, ValidationError, KeyError, TypeError):
        return None


def facts_and_quotes(event: HelperEvent) -> tuple[str, list[Quote]]:
    """The event as JSON without the words of others, and these words."""
    frame, writers = event.as_frame(), event.written_by()
    quotes = [(field, writers[field], _text(frame[field])) for field in frame if field in writers and frame[field]]
    facts = {field: value for field, value in frame.items() if field not in writers}
    for rows, keys in _within(writers).items():
        facts[rows] = [{key: value for key, value in row.items() if key not in keys} for row in frame[rows]]
        quotes += [
            (f"{rows}[{number}].{key}", writers[f"{rows}.{key}"], _text(row[key]))
            for number, row in enumerate(frame[rows])
            for key in keys
            if row[key]
        ]
    return json_text(json.dumps(facts, ensure_ascii=False, separators=(",", ":"))), quotes


def _within(fields: Iterable[str]) -> dict[str, list[str]]:
    """The lists whose records hold words of others, each with the keys of these."""
    found: dict[str, list[str]] = {}
    for field in fields:
        rows, _, key = field.partition(".")
        if key:
            found.setdefault(rows, []).append(key)
    return found


def _text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)
