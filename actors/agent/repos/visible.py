"""Making text that an agent wrote safe to look at: nothing in it acts on a terminal or hides from the eye. Pure."""

import unicodedata

_PLAIN = frozenset("\n\t")
# Controls (escape sequences), formats (zero width, turning text round), surrogates, line and paragraph separators.
_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """`text` with every character that would act rather than show written as its code point."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(_shown(character) for character in text)


def cut(text: str, most: int, what: str) -> str:
    """At most `most` characters of whole lines, with a last line that says how much is missing."""
    if len(text) <= most:
        return text
    end = text.rfind("\n", 0, most) + 1 or most
    missing = len(text) - end
    return f"{text[:end]}\n… cut here: {missing} more characters. {what}\n"


def _shown(character: str) -> str:
    if character in _PLAIN or unicodedata.category(character) not in _ACTING:
        return character
    return f"\\u{{{ord(character):x}}}"
