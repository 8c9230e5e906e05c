"""Text of an agent made safe to look at: nothing in it acts on a terminal or hides from the eye. Pure.

The daemon, the command line and the dashboard share it, so that a character has one spelling everywhere.
"""

import unicodedata

MAX_MARKS = 4
"""Combining marks in a row that are shown as they are; a longer pile of them paints over other lines."""

_PLAIN = frozenset("\n\t ")
# Controls, formats (zero width, tags, turning text round), surrogates, private use, unassigned, and every space and
# separator but the ordinary one.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
# Letters, symbols and marks that show nothing: fillers, the blank braille pattern, variation selectors, joiners.
_BLANK = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF),
)  # fmt: skip


_WRITING = frozenset("\u200c\u200d\ufe0e\ufe0f")
"""Joiners and variation selectors: hidden, but part of the spelling of emoji and of some scripts."""


def legible(text: str) -> str:
    """`text` for reading, not for approval: as `visible`, but emoji, all scripts and every width of space stay.

    So does CR LF, which is one line end however a program reads it; a lone CR is not.
    """
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    lines = text.split("\r\n")
    return "\r\n".join("".join(one if _may_be_read(one) else _code_point(one) for one in line) for line in lines)


def _may_be_read(character: str) -> bool:
    return not hides(character) or character in _WRITING or unicodedata.category(character) == "Zs"


def visible(text: str) -> str:
    """`text` with every character that would act or hide written as its code point in hexadecimal."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    shown, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        shown.append(_code_point(character) if hides(character) or marks > MAX_MARKS else character)
    return "".join(shown)


def hides(character: str) -> bool:
    """Whether a reader would not see this character, or see another text because of it."""
    if character in _PLAIN:
        return False
    number = ord(character)
    return unicodedata.category(character) in _ACTING or any(first <= number <= last for first, last in _BLANK)


def hidden(text: str) -> int:
    """How many characters of `text` a reader would not see."""
    return 0 if text.isascii() and text.isprintable() else sum(hides(character) for character in text)


def _code_point(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"
