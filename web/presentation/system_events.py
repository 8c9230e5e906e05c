"""A system message as a sentence: the JSON of a HelperEvent, put into words. Pure."""

import json

from harness.wire import names
from harness.wire.agent_api import Message

_SHOWN = ("agent", "agents", "question", "answer", "kind", "reason", "note", "config_path")


def sentence(mail: Message) -> str | None:
    """The sentence of a system event, or None for a message whose body is shown unchanged."""
    if mail.from_ != names.SYSTEM:
        return None
    try:
        event = json.loads(mail.body)
    except ValueError:
        return None
    if not isinstance(event, dict) or not isinstance(event.get("event"), str):
        return None
    parts = [event["event"].replace("_", " ")]
    if event.get("ok") is not None:
        parts.append("✓" if event["ok"] else "✗ failed")
    for key in _SHOWN:
        value = event.get(key)
        if value:
            parts.append(", ".join(map(str, value)) if isinstance(value, list) else str(value))
    if event.get("status"):
        parts.append(str(event["status"]))
    if event.get("exit_status") is not None:
        parts.append(f"exit status {event['exit_status']}")
    return " · ".join(parts)
