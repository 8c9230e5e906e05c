"""Whether a proposal may be approved: what was looked at is there, and everything was shown or accepted. Pure."""

from harness.wire.errors import HiveError, bad_request, conflict
from harness.wire.review import ReviewReply, Unshown

LISTED = 20


def check(review: ReviewReply, *, sha: str | None, base_sha: str | None, accepts: list[str]) -> None:
    """Raise `conflict` when something else was looked at, `bad_request` with the list of what was not shown."""
    if sha is not None and not review.sha.startswith(sha):
        raise conflict(f"approval {review.id} is for commit {review.sha[:12]}, not for {sha[:12]}", "look at it again")
    if base_sha is not None and not (review.base_sha or "").startswith(base_sha):
        raise conflict(
            f"approval {review.id} was compared with {base_sha[:12]}, which is not in force any more",
            "look at it again",
        )
    left = [one for one in review.unshown if one.part not in accepts]
    if left:
        raise _not_shown(review.id, left)


def accepted(review: ReviewReply) -> str | None:
    """The note in the decision log: what was approved without having been in the review."""
    if not review.unshown:
        return None
    return f"beyond what was shown: {_listed(review.unshown)}"


def _not_shown(number: int, left: list[Unshown]) -> HiveError:
    count = "a part of it was" if len(left) == 1 else f"{len(left)} parts of it were"
    return bad_request(
        f"not approved: {count} not shown: {_listed(left)}",
        f"`hive diff {number} --part {left[0].part}` shows one, `hive approve {number} --accept-unshown` accepts all",
    )


def _listed(parts: list[Unshown]) -> str:
    more = f", and {len(parts) - LISTED} more" if len(parts) > LISTED else ""
    return ", ".join(f"{one.what[:120]} ({one.why})" for one in parts[:LISTED]) + more
