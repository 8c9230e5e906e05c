"""A tree of causes or consequences, within bounds. Pure.

Level by level from its root, so that what is near is shown before what is far. What is reached a second time is named
and not followed again: a cycle ends there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from harness.wire.boundary.causes import CauseName

Neighbours = Callable[[Sequence[CauseName]], Mapping[CauseName, Sequence[CauseName]]]
"""For each of these what comes next, in order; what has nothing next may be left out."""


@dataclass(frozen=True, slots=True)
class Place:
    """One row of a tree, in the order of a drawing. `more`: so many that come next are not in the tree."""

    name: CauseName
    depth: int
    again: bool
    more: int


@dataclass(slots=True)
class Tree:
    """What is in a tree: for each name what comes next in it, and how much more there would be."""

    roots: list[CauseName]
    following: dict[CauseName, list[tuple[CauseName, bool]]] = field(default_factory=dict)
    more: dict[CauseName, int] = field(default_factory=dict)

    @property
    def names(self) -> set[CauseName]:
        """All that is in the tree."""
        return {*self.roots, *(name for found in self.following.values() for name, _ in found)}

    def sort(self, key: Callable[[CauseName], int]) -> None:
        """Put what comes next of each name in this order."""
        for found in self.following.values():
            found.sort(key=lambda one: key(one[0]))

    def places(self) -> Iterator[Place]:
        """The rows, each before what comes of it."""
        stack = [(name, 0, False) for name in reversed(self.roots)]
        while stack:
            name, depth, again = stack.pop()
            yield Place(name, depth, again, 0 if again else self.more.get(name, 0))
            if not again:
                stack += [(one, depth + 1, seen) for one, seen in reversed(self.following.get(name, []))]


def grow(roots: Sequence[CauseName], neighbours: Neighbours, limit: int) -> Tree:
    """The tree from these roots on, of at most `limit` rows beside them."""
    tree, known, level = Tree(list(roots)), set(roots), list(roots)
    rows = 0
    while level:
        found, below = neighbours(level), []
        for name in level:
            for one in found.get(name, ()):
                if rows == limit:
                    tree.more[name] = tree.more.get(name, 0) + 1
                    continue
                rows += 1
                tree.following.setdefault(name, []).append((one, one in known))
                if one not in known:
                    known.add(one)
                    below.append(one)
        level = below
    return tree
