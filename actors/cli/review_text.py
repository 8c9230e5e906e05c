"""A review of a proposal as text for a terminal: what changes in effect, what is not shown, every file. Pure."""

from collections.abc import Iterable
from typing import Any

import click

from actors.cli import output, review_lines
from harness.wire.visible import visible

_WHERE = {"notes": "state/"}


def as_text(review: dict[str, Any], notes: dict[str, Any] | None = None) -> str:
    """The whole review: `agent.toml`, the summary, what is not shown, the other files, each with its comments.

    `notes`: what is noted of the approval, None for a review without. The daemon made every text in it visible; an
    older one may not have.
    """
    files = review["files"]
    first = [one for one in files[:1] if (one["source"], one["path"]) == ("config", "agent.toml")]
    summary = [*_effective(review["effective"]), *_remarks(review["remarks"]), *undoes(review), *unshown(review)]
    comments = [] if notes is None else [*notes["earlier"], *notes["comments"]]
    parts = [*_files(first, comments), *summary, *_files(files[len(first) :], comments)]
    shown = {(one["source"], one["path"]) for one in files}
    parts += [line for one in comments if _place(one) not in shown for line in _elsewhere(one)]
    if notes is not None and notes["decision"] is not None:
        parts += [decided(notes["decision"]), ""]
    return "\n".join(parts) + "\n"


def undoes(review: dict[str, Any]) -> list[str]:
    """The approved changes that it would take back, because it was made without them; empty when there are none."""
    changes = review["undoes"]
    if not changes:
        return []
    rows = [
        f"  approval #{one['id']} in {', '.join(visible(path) for path in one['files'])}"
        f"  {visible(one['description'] or '')}".rstrip()
        for one in changes
    ]
    return [click.style(f"TAKES BACK WHAT WAS APPROVED ({len(changes)})", fg="red", bold=True), *rows, ""]


def unshown(review: dict[str, Any]) -> list[str]:
    """The parts that are not shown, and how to see or accept them; empty when everything is."""
    left = review["unshown"]
    if not left:
        return []
    rows = [f"  {visible(one['what'])}  ({visible(one['why'])})  --part {one['part']}" for one in left]
    hint = (
        f"`hive diff {review['id']} --part PART` shows one; `hive approve {review['id']} --accept-unshown` accepts all"
    )
    return [click.style(f"NOT SHOWN ({len(left)})", fg="yellow", bold=True), *rows, hint, ""]


def decided(decision: dict[str, Any]) -> str:
    """Who decided, when, and what was noted."""
    note = f": {visible(decision['note'])}" if decision["note"] else ""
    return f"{decision['verdict']} {output.clock(decision['at'])} by {visible(decision['decided_by'])}{note}"


def _place(comment: dict[str, Any]) -> tuple[str, str]:
    return comment["source"], comment["path"]


def _elsewhere(comment: dict[str, Any]) -> Iterable[str]:
    """A comment on a file that the review does not show."""
    yield click.style(_WHERE.get(comment["source"], "") + visible(comment["path"]), bold=True)
    yield from review_lines.said(comment, where=True)
    yield ""


def _effective(changes: list[dict[str, Any]]) -> Iterable[str]:
    yield click.style("WHAT CHANGES IN EFFECT", bold=True)
    if not changes:
        yield "  nothing that the configuration says"
    for one in changes:
        name = one["topic"] if one["name"] is None else f"{one['topic']}.{one['name']}"
        before, after = ("-" if one[key] is None else one[key] for key in ("before", "after"))
        mark = click.style("!", fg="red", bold=True) if one["widens"] else " "
        yield f"{mark} {visible(name)}: {visible(before)} → {visible(after)}"
    yield ""


def _remarks(remarks: list[str]) -> Iterable[str]:
    yield from (click.style(f"! {visible(one)}", fg="yellow") for one in remarks)
    if remarks:
        yield ""


def _files(files: list[dict[str, Any]], comments: list[dict[str, Any]]) -> Iterable[str]:
    for one in files:
        said = [one["change"], *([one["mode"]] if one["mode"] else []), f"{one['size']} bytes"]
        if one["before"]:
            said.append(f"was {visible(one['before'])}")
        if one["binary"]:
            said.append(f"binary, sha256 {one['sha256']}")
        if one["hidden"]:
            said.append(click.style(f"{one['hidden']} hidden characters", fg="red"))
        path = click.style(_WHERE.get(one["source"], "") + visible(one["path"]), bold=True)
        yield f"{path}  ({', '.join(said)})"
        own = [comment for comment in comments if _place(comment) == _place(one)]
        yield from review_lines.of_file(one["lines"], own)
        if one["missing"]:
            yield click.style(f"… {one['missing']} lines are not shown: --part {one['part']}", fg="yellow")
        yield ""
