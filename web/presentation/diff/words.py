"""Which words of a changed line differ from the line that it replaces. Pure, and bounded in time.

Lines are compared by words, not by characters: a reader looks for a changed value, not for a changed letter. Lines that
have little in common are left unmarked, since marks on nearly everything point at nothing.
"""

import re
from difflib import SequenceMatcher
from itertools import accumulate

from web.presentation.diff.pieces import Span

MAX_CHARACTERS = 1_000
"""Of a line that is compared by words; a longer one is shown without marks."""
MAX_WORDS = 200
MAX_WORK = 200_000
"""Of one review: the product of the words of each pair that are not at its common beginning or end. About 0.4 s at the
worst; further pairs have no marks."""
ALIKE = 0.4
"""The share of characters that two lines have in common, from which on their words are marked."""

_WORD = re.compile(r"\\u\{[0-9a-f]{1,6}\}|\w+|\s+|.", re.DOTALL)


class Budget:
    """What may still be spent on comparing words in one review."""

    def __init__(self, work: int = MAX_WORK) -> None:
        self._left = work

    def take(self, work: int) -> bool:
        """Spend `work`, or refuse and spend nothing."""
        if work > self._left:
            return False
        self._left -= work
        return True


def differing(old: str, new: str, budget: Budget) -> tuple[list[Span], list[Span]]:
    """The characters of the old line that the new one lacks, and the reverse; both empty where nothing is marked."""
    nothing: tuple[list[Span], list[Span]] = ([], [])
    if old == new or max(len(old), len(new)) > MAX_CHARACTERS:
        return nothing
    before, after = _WORD.findall(old), _WORD.findall(new)
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    middles = before[head : len(before) - tail], after[head : len(after) - tail]
    if max(map(len, middles)) > MAX_WORDS or not budget.take(len(middles[0]) * len(middles[1])):
        return nothing
    changed = [one[1:] for one in SequenceMatcher(None, *middles, autojunk=False).get_opcodes() if one[0] != "equal"]
    gone, come = [one[:2] for one in changed], [one[2:] for one in changed]
    lost = sum(len("".join(middles[0][first:last]).strip()) for first, last in gone)
    if len(old.strip()) - lost < ALIKE * max(len(old.strip()), len(new.strip())):
        return nothing
    return _spans(before, head, gone), _spans(after, head, come)


def _common(one: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _spans(words: list[str], head: int, changed: list[tuple[int, int]]) -> list[Span]:
    """The characters of these words, which are counted from `head` on."""
    starts = list(accumulate(map(len, words), initial=0))
    return [(starts[head + first], starts[head + last]) for first, last in changed if first < last]
