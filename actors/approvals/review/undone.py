"""Which approved changes a proposal would take back, because it was made without them. Pure.

A proposal replaces the whole configuration. One that does not build on the change of another approval takes that change
back where it removes a line which the change added, or brings back a line which it removed.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from actors.agent.repos.compare import Difference


class _Lines(NamedTuple):
    added: frozenset[str]
    removed: frozenset[str]


def taken_back(change: Iterable[Difference], step: Iterable[Difference]) -> list[str]:
    """The paths in which `step`, from what is in force when the proposal comes to it, undoes something of `change`."""
    now = {one.path: one for one in step}
    return [one.path for one in change if one.path in now and _undoes(now[one.path], one)]


def _undoes(step: Difference, change: Difference) -> bool:
    if step.binary or change.binary:
        return step.old_oid == change.new_oid and step.new_oid != change.new_oid
    did, does = _lines(change), _lines(step)
    return bool(did.added & does.removed or did.removed & does.added)


def _lines(one: Difference) -> _Lines:
    """The lines that a file gained and lost; those without a word say nothing."""
    marked: Mapping[str, set[str]] = {"+": set(), "-": set()}
    for line in one.lines:
        if line[:1] in marked and line[1:].strip():
            marked[line[:1]].add(line[1:])
    return _Lines(frozenset(marked["+"]), frozenset(marked["-"]))
