"""The style of a state: a word, a glyph and a tone. The word comes first; glyph and colour repeat it."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """The CSS class of a state: one colour each, used alike on every page."""

    OK = "ok"
    BUSY = "busy"
    WAIT = "wait"
    ATTENTION = "attention"
    BAD = "bad"
    CALM = "calm"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class StateStyle:
    """One state as a page shows it."""

    word: str
    glyph: str
    tone: Tone
    ticking: bool = False
    """Whether the state's age is shown as a running clock rather than as an age."""
