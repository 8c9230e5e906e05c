"""The running text of the demo: each event as a line, with the seconds since the start."""

import sys
import time
from typing import Any

import click

from actors.cli import output


class Transcript:
    """Prints to the standard output, flushed line by line."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """One line."""
        click.echo(f"{time.monotonic() - self._began:6.2f} s  {text}")
        sys.stdout.flush()

    def event(self, event: dict[str, Any]) -> None:
        """One event of the hive, if it is a message, a turn, a notice, a note of a harness or a tool that failed."""
        data = event["data"]
        match event["kind"]:
            case "message":
                self.say(f"{click.style(data['from'], bold=True)} → {data['to']}: {output.one_line(data['body'], 90)}")
            case "turn":
                stats = data["stats"]
                warmth = "cold" if stats["cold"] else "warm"
                line = f"{data['agent']}: {warmth} turn, {stats['duration_ms']} ms, {stats['outcome']}"
                self.say(click.style(line, dim=True))
            case "notice":
                self.say(output.one_line(data.get("text", ""), 120))
            case "live":
                for line in remarks(data["event"]):
                    self.say(click.style(f"{data['agent']}: {output.one_line(line, 160)}", fg="yellow"))


def remarks(live: dict[str, Any]) -> list[str]:
    """What a `live` event says of trouble: the note of a harness, and each tool result that is an error."""
    if live["kind"] == "note":
        return [live["text"]]
    message = live.get("message")
    content = message.get("message", {}).get("content") if isinstance(message, dict) else None
    blocks = content if isinstance(content, list) else []
    return [f"a tool failed: {_text(block.get('content'))}" for block in blocks if block.get("is_error")]


def _text(content: Any) -> str:
    return content if isinstance(content, str) else " ".join(part.get("text", "") for part in content or [])
