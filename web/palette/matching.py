"""Which action a line in the palette means, and which rows its words match. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from web.palette.table import Action

NOISE = frozenset({"to", "the", "an", "for", "agent", "approval", "proposal"})
"""Words that may stand between an action and its target."""


@dataclass(frozen=True, slots=True)
class Meant:
    """An action that the line may mean, the best first by `rank`. `target` is empty where none is typed yet."""

    action: Action
    rank: int
    target: str
    text: str


def meanings(line: str, actions: Iterable[Action]) -> list[Meant]:
    """Every action whose words begin the line, or stand behind its first word (`alice pause`)."""
    words = line.split()
    found = [one for action in actions if (one := _meant(action, line)) is not None]
    if not found and 1 < len(words) < 4:
        turned = " ".join([*words[1:], words[0]])
        found = [one for action in actions if (one := _meant(action, turned)) is not None]
    return sorted(found, key=lambda one: one.rank)


def _meant(action: Action, line: str) -> Meant | None:
    as_one = "-".join(action.words)
    if line.lower().startswith(as_one):
        line = line.replace("-", " ", len(action.words) - 1)
    left, unused, exact, used = line.strip(), [*action.words, *action.also], 0, 0
    while left:
        word, _, rest = left.partition(" ")
        hit = next((one for one in sorted(unused, key=len) if one.startswith(word.lower())), None)
        if hit is None or (used and word.lower() in NOISE):
            break
        unused.remove(hit)
        used, exact, left = used + 1, exact + (hit == word.lower()), rest.lstrip()
    if not used:
        return None
    first, _, rest = left.partition(" ")
    while first.lower() in NOISE and rest:
        first, _, rest = rest.lstrip().partition(" ")
    missing = sum(word in unused for word in action.words)
    return Meant(action, 2 * missing - 2 * exact, first.removeprefix("#").lower(), rest.strip())


def rank(word: str, text: str) -> int | None:
    """How well a word matches a name, 0 the best; None where its letters do not stand in the name in their order."""
    text = text.lower()
    if not word or text == word:
        return 0
    if text.startswith(word):
        return 1
    if any(part.startswith(word) for part in text.replace("-", " ").split()):
        return 2
    if word in text:
        return 3
    remaining = iter(text)
    return 5 if len(word) > 1 and all(character in remaining for character in word) else None
