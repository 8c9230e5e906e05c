r"""The frame around words of others in a text for Claude, which the words cannot leave. Pure but for `new_key`.

A frame is an opening line, the words, and a closing line. Both lines carry the key of the text: random, and drawn after
all words in it were written. Each line of the words begins with `> `. So a line without `> ` is the hive's, whatever
the words spell, and no list of look-alikes has to be complete. Characters that hide or act, line breaks other than the
line feed among them, are spelled `\u{…}`, the code point in hexadecimal.
"""

import re
import secrets
from collections.abc import Iterable, Mapping

from harness.wire.visible import legible

KEY_BYTES = 8

_SPELLED = "\\u{"
_PLAIN_IN_ATTRIBUTE = frozenset("-_.:@/+ ")
_CODE_POINT = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_FRAME = re.compile(r'(<(message|notes)\b[^\n]*) key="(\w+)">\n(.*?)\n</\2 key="\3">', re.DOTALL)
_INNER = re.compile(r'^(</?quote\b.*) key="\w+">$', re.MULTILINE)
_MARK = re.compile(r"^> ?", re.MULTILINE)


def new_key() -> str:
    """The key of one prompt or one tool result. No word in it can have been written by somebody who knew it."""
    return secrets.token_hex(KEY_BYTES)


def heading(key: str) -> str:
    """The hive's first line of a text with frames."""
    return f"(The frames in this text have the key {key}.)"


def frame(tag: str, attributes: Mapping[str, str], content: str, key: str) -> str:
    """`content`, which is quoted already, between its opening and its closing line."""
    head = "".join(f' {name}="{attribute(value)}"' for name, value in attributes.items())
    return f'<{tag}{head} key="{key}">\n{content}\n</{tag} key="{key}">'


def quoted(text: str) -> str:
    """`text` with `> ` before each line."""
    return "\n".join(f"> {line}" if line else ">" for line in spelled(text).split("\n"))


def unquoted(content: str) -> str:
    """The text of which `quoted` made `content`."""
    text = _MARK.sub("", content)
    return _CODE_POINT.sub(lambda found: chr(int(found[1], 16)), text)


def spelled(text: str) -> str:
    """`text` with every character that hides or acts as its code point. A line feed and a tab stay."""
    if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable() and _SPELLED not in text:
        return text
    return legible(text.replace(_SPELLED, "\\u{5c}u{"))


def attribute(value: str) -> str:
    """`value` as it may stand between quotation marks: letters, digits and a few marks; the rest by code point."""
    return "".join(one if one.isalnum() or one in _PLAIN_IN_ATTRIBUTE else _code_point(one) for one in value)


def json_text(text: str) -> str:
    """JSON that holds no angle bracket and nothing that hides: no string in it can look like a frame."""
    if text.isascii() and not {"<", ">"} & set(text):
        return text
    return "".join(_json_escape(one) if one in "<>" or legible(one) != one else one for one in text)


def one_line(text: str) -> str:
    """Words within a sentence of the hive: on its line, and without angle brackets."""
    return "".join(_code_point(one) if one in "<>\r\n" else one for one in spelled(text))


def without_frames(text: str) -> str:
    """`text` as its reader understands it: keys and marks left out. For programs that search in it."""
    return _FRAME.sub(lambda found: f"{found[1]}>\n{_words(found[4])}\n</{found[2]}>", text)


def _words(content: str) -> str:
    return _MARK.sub("", _INNER.sub(r"\1>", content))


def _code_point(character: str) -> str:
    return f"\\u{{{ord(character):x}}}"


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def join(parts: Iterable[str], key: str) -> str:
    """The whole text: the hive's heading, then the parts."""
    return "\n\n".join((heading(key), *parts))
