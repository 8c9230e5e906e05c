"""Whether a proposal may be approved: what was looked at is there, and everything was shown or accepted. Pure."""

from collections.abc import Collection

from harness.wire.errors import HiveError, bad_request, conflict
from harness.wire.review import ReviewReply, Undone, Unshown

LISTED = 20


def check(
    review: ReviewReply,
    *,
    sha: str | None,
    base_sha: str | None,
    accepts: Collection[str],
    undoes: Collection[int] = (),
    other_bases: Collection[str] = (),
) -> None:
    """Raise `conflict` when something else was looked at, or when it takes back a change that `undoes` does not name.

    `bad_request` with the list of what was not shown. `other_bases`: the configurations that come and go while others
    of the agent are carried out; it may have been compared with one of them.
    """
    if sha is not None and not review.sha.startswith(sha):
        raise conflict(f"approval {review.id} is for commit {review.sha[:12]}, not for {sha[:12]}", "look at it again")
    bases = [review.base_sha or "", *other_bases]
    if base_sha is not None and not any(one.startswith(base_sha) for one in bases):
        raise conflict(
            f"approval {review.id} was compared with {base_sha[:12]}, which is not in force any more",
            "look at it again",
        )
    taken = [one for one in review.undoes if one.id not in undoes]
    if taken:
        raise _takes_back(review.id, taken)
    left = [one for one in review.unshown if one.part not in accepts]
    if left:
        raise _not_shown(review.id, left)


def accepted(review: ReviewReply) -> str | None:
    """The note in the decision log: what was approved without having been in the review, and what it takes back."""
    parts = [f"takes back {_changes(review.undoes)}"] if review.undoes else []
    parts += [f"beyond what was shown: {_listed(review.unshown)}"] if review.unshown else []
    return "; ".join(parts) or None


def _takes_back(number: int, changes: list[Undone]) -> HiveError:
    return conflict(
        f"not approved: it was made without {_changes(changes)}, and would take that back",
        f"`hive approve {number} --undo` approves it all the same; a proposal on top of what is in force keeps both",
    )


def _changes(changes: list[Undone]) -> str:
    more = f", and {len(changes) - LISTED} more" if len(changes) > LISTED else ""
    return ", ".join(f"approval {one.id} ({', '.join(one.files)[:200]})" for one in changes[:LISTED]) + more


def _not_shown(number: int, left: list[Unshown]) -> HiveError:
    count = "a part of it was" if len(left) == 1 else f"{len(left)} parts of it were"
    return bad_request(
        f"not approved: {count} not shown: {_listed(left)}",
        f"`hive diff {number} --part {left[0].part}` shows one, `hive approve {number} --accept-unshown` accepts all",
    )


def _listed(parts: list[Unshown]) -> str:
    more = f", and {len(parts) - LISTED} more" if len(parts) > LISTED else ""
    return ", ".join(f"{one.what[:120]} ({one.why})" for one in parts[:LISTED]) + more
