"""Mail of the fake daemon: pages of the flow, the operator's inbox, marks."""

from collections import Counter

from harness.wire.agent_api import MessageKind
from harness.wire.operator_api.mail import InboxReply, MarkReadReply, UnreadReply
from harness.wire.operator_rows import UnreadRow


def page_of(messages, request):
    """The newest messages below `before`."""
    return [one for one in messages if request.before is None or one.id < request.before][-request.limit :]


def flow(messages, request):
    """The messages of `messages` with its filters."""
    if request.undelivered:
        return [one for one in messages if one.undelivered]
    if request.system:
        return [one for one in messages if one.from_ == "system" or one.kind is not MessageKind.MESSAGE]
    return [one for one in messages if request.party in (None, one.from_, one.to)]


def unread(messages):
    """Mail to the operator that is not marked."""
    return [one for one in messages if one.to == "operator" and one.from_ != "operator" and one.read_at is None]


def inbox_reply(messages, request):
    """The reply to `inbox`, or to `unread_mail`: one row for each sender."""
    waiting = unread(messages)
    if request.cmd == "unread_mail":
        counts, newest = Counter(one.from_ for one in waiting), {one.from_: one for one in waiting}
        return UnreadReply(
            senders=[UnreadRow(sender=name, count=counts[name], newest=one) for name, one in newest.items()]
        )
    mine = [one for one in messages if one.to == "operator"]
    shown = waiting if request.unread else mine
    return InboxReply(messages=page_of(shown, request), total=len(mine), unread=len(waiting))


def marked_read(messages, request):
    """The messages after `mark_read`, and its reply."""
    chosen = {
        one.id
        for one in unread(messages)
        if (one.id in request.ids or (request.up_to is not None and one.id <= request.up_to))
        and request.sender in (None, one.from_)
    }
    after = [one.model_copy(update={"read_at": one.sent_at}) if one.id in chosen else one for one in messages]
    return after, MarkReadReply(marked=len(chosen))
