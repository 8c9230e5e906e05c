"""Cutting text that an agent wrote, without hiding that it was cut. Pure."""

from harness.wire.visible import visible

__all__ = ["cut", "visible"]


def cut(text: str, most: int, what: str) -> str:
    """At most `most` characters of whole lines, with a last line that says how much is missing."""
    if len(text) <= most:
        return text
    end = text.rfind("\n", 0, most) + 1 or most
    missing = len(text) - end
    return f"{text[:end]}\n… cut here: {missing} more characters. {what}\n"
