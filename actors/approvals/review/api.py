"""Reading a proposal for its review: the commits of the host's repositories, its notes, and its parts one by one."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from actors.agent.repos import CONFIG_FILE, Applied, history
from actors.agent.repos.compare import Difference, compare, read
from actors.approvals.approval import Approval
from actors.approvals.context import ApprovalContext
from actors.approvals.review import parts
from actors.approvals.review.effective import effective
from actors.approvals.review.remarks import remarks
from actors.approvals.review.undone import taken_back
from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.approvals.steps import under_way
from harness.wire.agent_config import AgentConfig
from harness.wire.errors import HiveError, not_found
from harness.wire.review import CompareReply, EffectiveChange, PartReply, ReviewReply, Undone
from harness.wire.visible import visible

MAX_CHANGES = 50
"""Approved changes of the agent, the latest, that a proposal is compared with."""
MAX_EFFECTIVE = 300
"""Rows of the summary; `agent.toml` has the rest."""


def review(
    context: ApprovalContext, approval: Approval, base: str | None, others: Iterable[Approval] = ()
) -> ReviewReply:
    """The whole review of a proposal against the commit `base`, None for nothing.

    `others` are the approvals of its agent: those under way are carried out before it, and it may take back a change.
    """
    applied = context.repositories.applied(approval.agent)
    files, unshown = parts.files(_differences(applied, approval, base))
    changes, said = _in_effect(context, applied, approval, base)
    return ReviewReply(
        id=approval.id,
        sha=approval.sha,
        base_sha=base,
        notes_sha=approval.notes_sha,
        effective=changes,
        remarks=said,
        files=files,
        unshown=unshown,
        **_among(applied, approval, others),
    )


def _among(applied: Applied, approval: Approval, others: Iterable[Approval]) -> dict[str, Any]:
    """What a pending proposal waits for, and the approved changes that it was made without and takes back."""
    in_force = applied.in_force()
    if approval.status is not ApprovalStatus.PENDING or in_force is None:
        return {}
    approved = sorted(
        (one for one in others if one.status is ApprovalStatus.APPROVED), key=lambda one: (one.resolved_ms or 0, one.id)
    )
    line = [one for one in approved if under_way(one.step)]
    coming = line[-1].sha if line else in_force
    changes = [
        one for one in approved[-MAX_CHANGES:] if one.kind is ApprovalKind.APPLY_COMMIT and one.sha != approval.sha
    ]
    before = dict(zip((one.id for one in approved), [None, *(one.sha for one in approved)], strict=False))
    known = set(applied.git.run("rev-list", approval.sha).split())
    without = [one for one in changes if one.sha not in known and applied.holds(one.sha)]
    step = compare(applied.git, coming, approval.sha) if without else []
    undone = []
    for one in without:
        base = one.base_sha or before[one.id] or in_force
        files = taken_back(compare(applied.git, base, one.sha), step) if applied.holds(base) else []
        if files:
            about = None if one.description is None else visible(one.description)
            undone.append(Undone(id=one.id, sha=one.sha, description=about, files=files))
    return {"undoes": undone, "behind": line[-1].id if line else None}


def compared(applied: Applied, base: str | None, sha: str) -> CompareReply:
    """Two commits of one configuration."""
    files, unshown = parts.files(("config", one) for one in compare(applied.git, base, sha))
    return CompareReply(sha=sha, base_sha=base, files=files, unshown=unshown)


def in_effect(context: ApprovalContext, applied: Applied, base: str, sha: str) -> list[EffectiveChange]:
    """What differs in effect between two commits; nothing where one of them cannot be read."""

    def parsed(commit: str) -> AgentConfig | None:
        return _parsed(lambda: context.parse(applied.text(commit, CONFIG_FILE)), "the compared", [])

    before, after = parsed(base), parsed(sha)
    return [] if before is None or after is None else effective(before, after)[:MAX_EFFECTIVE]


def text(context: ApprovalContext, approval: Approval, base: str | None) -> str:
    """The files of the review in git's form, and a line for each part that is not shown."""
    applied = context.repositories.applied(approval.agent)
    return history.text_of(
        (one, f"state/{one.path}" if source == "notes" else None)
        for source, one in _differences(applied, approval, base)
    )


def part(context: ApprovalContext, approval: Approval, base: str | None, wanted: str, offset: int) -> PartReply:
    """A piece of what the review does not show: the changed lines of a long file, the escaped bytes of a binary one."""
    applied = context.repositories.applied(approval.agent)
    for source, one in _differences(applied, approval, base):
        if parts.part_name(source, one) == wanted:
            whole = _escaped(applied, one) if one.binary else "\n".join(one.lines)
            end = parts.end_of_piece(whole, offset)
            old, new = (0, 0) if one.binary else parts.lines_before(whole, offset)
            return PartReply(
                part=wanted,
                what=f"{parts.WHERE[source]}{one.path}",
                text=whole[offset:end],
                offset=offset,
                next_offset=end if end < len(whole) else None,
                marked=not one.binary,
                continues=0 < offset <= len(whole) and whole[offset - 1] != "\n",
                old_line=old,
                new_line=new,
            )
    raise not_found(f"part {wanted} of approval {approval.id}", "`hive diff` lists the parts that are not shown")


def _differences(applied: Applied, approval: Approval, base: str | None) -> Iterator[tuple[parts.Source, Difference]]:
    """The configuration first, then the notes, which are all new."""
    for one in compare(applied.git, base, approval.sha):
        yield "config", one
    if approval.notes_sha is not None:
        for one in compare(applied.git, None, approval.notes_sha):
            yield "notes", one


def _escaped(applied: Applied, one: Difference) -> str:
    oid = one.new_oid or one.old_oid
    content = b"" if oid is None else read(applied.git, [oid])[oid]
    return visible(content.decode("utf-8", "backslashreplace"))


def _in_effect(
    context: ApprovalContext, applied: Applied, approval: Approval, base: str | None
) -> tuple[list[EffectiveChange], list[str]]:
    """The summary, and the remarks; a configuration of an older version that cannot be read is a remark of its own."""
    said: list[str] = []
    after = _parsed(lambda: context.parse(applied.text(approval.sha, CONFIG_FILE)), "the proposed", said)
    if after is None:
        return [], said
    before = (
        None if base is None else _parsed(lambda: context.parse(applied.text(base, CONFIG_FILE)), "the compared", said)
    )
    said += remarks(
        after,
        context.describe_limits(after.limits),
        isolates_network=context.isolates_network,
        known_secrets=context.known_secrets(),
    )
    if approval.kind is ApprovalKind.SPAWN and context.has_left_state(approval.agent):
        said.append("a destroyed agent of this name has left its state: the new one finds that, and no new notes")
    found = effective(before, after)
    if len(found) > MAX_EFFECTIVE:
        said.append(f"the summary leaves out {len(found) - MAX_EFFECTIVE} changes; agent.toml has them all")
    return found[:MAX_EFFECTIVE], said


def _parsed(parse: Callable[[], AgentConfig], which: str, said: list[str]) -> AgentConfig | None:
    try:
        return parse()
    except HiveError as error:
        said.append(
            f"{which} configuration cannot be read, so the summary has no values of it: {visible(error.message)}"
        )
        return None
