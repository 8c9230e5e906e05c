"""What the operator reads of an applied repository: log, tags, diffs, files. Git's own words, made safe to show."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from actors.agent.repos.applied import Applied
from actors.agent.repos.compare import Difference, compare
from actors.agent.repos.visible import cut, visible
from harness.wire.errors import bad_request, not_found
from harness.wire.times import from_ms

MAX_SHOWN = 300_000
"""Characters; a reply is one line of at most 1 MiB and a character may need several bytes in it."""

_REF = re.compile(r"[0-9a-f]{7,40}|main|(?:proposal|approved|building|deployed|failed|denied)/[0-9]{1,19}")
# Separated by zero bytes, the one thing that git allows in no name and no message.
_COMMIT = ("%H", "%P", "%an", "%ae", "%ct", "%s")
_TAG = ("refname:strip=2", "objecttype", "objectname", "*objectname", "creatordate:unix", "contents")
_SUBJECT = 500
_MAX_SECONDS = 253_402_300_799
"""The end of the year 9999; a commit may claim any date."""


@dataclass(frozen=True, slots=True)
class Diff:
    """The diff between two commits; empty text when both hold the same. `base` is None for a first commit."""

    text: str
    base: str | None
    sha: str


def resolve(applied: Applied, ref: str) -> str:
    """The commit that `main`, a tag of the host's or 7 to 40 hex digits name. `bad_request` or `not_found`."""
    if not _REF.fullmatch(ref):
        raise bad_request(
            f"{ref[:60]!r} is no ref of a configuration", "give a commit, main, or a tag such as deployed/3"
        )
    full = "refs/heads/main" if ref == "main" else f"refs/tags/{ref}" if "/" in ref else ref
    sha = applied.git.tip(full) if applied.exists else None
    if sha is None:
        raise not_found(f"commit {ref} of {applied.name}")
    return sha


def diff(applied: Applied, base: str | None, sha: str) -> Diff:
    """The diff of two commits as one text, for readers of a diff: the files of `compare`, `agent.toml` first."""
    found = compare(applied.git, base, sha) if applied.exists else []
    return Diff(text_of((one, None) for one in found), base, sha)


def text_of(found: Iterable[tuple[Difference, str | None]]) -> str:
    """These files in git's form, each with the path to show if it is another one. What is cut is listed at the end."""
    shown, unshown, left = [], [], MAX_SHOWN
    for one, path in found:
        whole = _as_text(one, path or one.path)
        text = cut(whole, max(left, 0), "The list at the end names this file.")
        left -= len(text)
        shown.append(text if left > 0 else "")
        if one.binary or text != whole:
            unshown.append(f"# not shown in full: {path or one.path}, {one.size} bytes, sha256 {one.digest}\n")
    return "".join([*shown, *unshown])


def _as_text(one: Difference, path: str) -> str:
    head = [f"diff --git a/{one.before or path} b/{path}"]
    if one.mode is not None:
        head.append(f"mode: {one.mode}")
    if one.change in {"new", "deleted"}:
        head.append(f"{one.change} file")
    if one.before is not None:
        head += [f"rename from {one.before}", f"rename to {path}"]
    if one.binary:
        head.append(f"binary: {one.size} bytes, sha256 {one.digest}")
    elif one.lines:
        head.append("--- /dev/null" if one.old_oid is None else f"--- a/{one.before or path}")
        head.append("+++ /dev/null" if one.new_oid is None else f"+++ b/{path}")
    body = [line.removeprefix("@") for line in one.lines]
    return "\n".join([*head, *body]) + "\n"


def log(applied: Applied, ref: str, limit: int) -> list[dict[str, Any]]:
    """Commits from `ref` back, newest first: sha, parents, author, address, at, subject."""
    sha = resolve(applied, ref)
    shape = "".join(f"{field}%x00" for field in _COMMIT)
    text = applied.git.run("log", f"--max-count={limit}", f"--format={shape}", sha, "--")
    return [_commit(*record) for record in _records(text, len(_COMMIT))]


def tags(applied: Applied) -> list[dict[str, Any]]:
    """The host's tags, those of the newest approval first: tag, sha, at and note (annotated ones, else null)."""
    if not applied.exists:
        return []
    shape = "".join(f"%({field})%00" for field in _TAG)
    text = applied.git.run("for-each-ref", f"--format={shape}", "refs/tags")
    rows = [_tag(*record) for record in _records(text, len(_TAG))]
    return sorted(rows, key=lambda row: (-int(row["tag"].rpartition("/")[2]), row["tag"]))


def file(applied: Applied, ref: str, path: str) -> str:
    """One file at a ref, made safe to show."""
    return cut(visible(applied.text(resolve(applied, ref), path)), MAX_SHOWN, "The file is longer.")


def files(applied: Applied, ref: str) -> list[dict[str, Any]]:
    """What a commit holds, by path: path, made safe to show, and size in bytes."""
    return [{"path": visible(entry.path), "size": entry.size} for entry in applied.entries(resolve(applied, ref))]


def _records(text: str, width: int) -> list[list[str]]:
    """Rows of `width` fields, each ended by a zero byte, the rows by a line feed."""
    fields = text.split("\0")
    return [
        [fields[start].removeprefix("\n"), *fields[start + 1 : start + width]]
        for start in range(0, len(fields) - width, width)
    ]


def _commit(  # noqa: PLR0917 — the fields in git's order
    sha: str, parents: str, author: str, address: str, at: str, subject: str
) -> dict[str, Any]:
    return {
        "sha": sha,
        "parents": parents.split(),
        "author": visible(author)[:_SUBJECT],
        "address": visible(address)[:_SUBJECT],
        "at": _moment(at),
        "subject": visible(subject)[:_SUBJECT],
    }


def _tag(  # noqa: PLR0917 — the fields in git's order
    tag: str, kind: str, sha: str, peeled: str, at: str, contents: str
) -> dict[str, Any]:
    annotated = kind == "tag"
    return {
        "tag": tag,
        "sha": peeled if annotated else sha,
        "at": _moment(at) if annotated else None,
        "note": visible(contents).strip() if annotated else None,
    }


def _moment(seconds: str) -> str | None:
    return from_ms(int(seconds) * 1000) if seconds.isdigit() and int(seconds) <= _MAX_SECONDS else None
