"""Every change that the operator asks for: one method for each, one request to the daemon for each call.

A method raises `bad_request` for input that the wire's own rules refuse, before the daemon sees it, and otherwise the
daemon's HiveError. After every request the cached rows count as outdated, so that the next page shows the effect even
before its event arrives.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pydantic import ValidationError

from harness.wire import agent_api, operator_api
from harness.wire.errors import HiveError, bad_request
from harness.wire.model import Done, Reply, Request
from harness.wire.operator_api.approvals import RequestAgain, Undo, UndoReply
from harness.wire.operator_api.comments import Comment, CommentReply, DropComment, EditComment, MarkViewed
from harness.wire.operator_api.mail import MarkRead, MarkReadReply
from harness.wire.operator_api.needs import DelegateNeed, DelegateReply, SnoozeNeed, WakeNeed
from harness.wire.review import Approve, ApproveReply
from web.daemon.cache import ReplyCache
from web.daemon.client import REQUEST_SECONDS, DaemonClient

STOP_SECONDS = 60.0
"""The limit for verbs that wait for the end of a container."""
DECIDE_SECONDS = 35.0
"""The limit for decisions: the approval queue writes to disk and to git before it replies."""

R = TypeVar("R", bound=Reply)


class Commands:
    """The operator's verbs, by the name of the agent or the number of the row."""

    def __init__(self, daemon: DaemonClient, cache: ReplyCache) -> None:
        self._daemon = daemon
        self._cache = cache

    # Agents.

    def start(self, agent: str) -> None:
        self._do(lambda: operator_api.Start(scope=operator_api.Scope(agent_names=[agent])))

    def stop(self, agent: str, *, now: bool = False) -> None:
        """Order it; here and below the row shows what comes of it. `now` cuts a running turn."""
        scope = operator_api.Scope(agent_names=[agent])
        self._do(lambda: operator_api.Stop(scope=scope, now=now, wait=False))

    def restart(self, agent: str, *, now: bool = False) -> None:
        self._do(lambda: operator_api.Restart(name=agent, now=now, wait=False))

    def rebuild(self, agent: str, *, now: bool = False) -> None:
        self._do(lambda: operator_api.Rebuild(name=agent, now=now, wait=False))

    def kick(self, agent: str) -> None:
        self._do(lambda: operator_api.ByName(cmd="kick", name=agent))

    def pause(self, agent: str) -> None:
        self._do(lambda: operator_api.SetPaused(name=agent, paused=True))

    def resume(self, agent: str) -> None:
        self._do(lambda: operator_api.SetPaused(name=agent, paused=False))

    def cancel(self, agent: str) -> None:
        """End the turn, or the wait for the next try; its messages are done."""
        self.control(agent, "cancel", None)

    def lift(self, agent: str) -> None:
        """Serve a suspended agent again."""
        self._do(lambda: operator_api.ByName(cmd="lift_suspension", name=agent))

    def destroy(self, agent: str) -> None:
        """End an agent; its state is kept."""
        self._do(lambda: operator_api.Destroy(name=agent), STOP_SECONDS)

    def control(self, agent: str, action: str, value: str | None) -> None:
        """Give an order to the agent's harness."""
        frame = {"name": agent, "action": action, "value": value}
        self._do(lambda: operator_api.AgentControl.model_validate(frame))

    # What needs the operator.

    def snooze_need(self, key: str, until: str | None) -> None:
        """Put an item off until a moment, or until it changes."""
        self._do(lambda: SnoozeNeed(key=key, until=until))

    def wake_need(self, key: str) -> None:
        self._do(lambda: WakeNeed(key=key))

    def delegate_need(self, key: str, note: str | None) -> int:
        """Write the facts of an item to the manager; the id of the message."""
        return self._ask(lambda: DelegateNeed(key=key, note=note), DelegateReply).id

    def rebuild_all(self) -> list[str]:
        """Rebuild every outdated agent; the names in the order of the plan."""
        request = operator_api.RebuildAll()
        return self._ask(lambda: request, operator_api.PlannedReply, STOP_SECONDS).planned

    # Messages.

    def send(self, to: str, body: str, in_reply_to: int | None = None) -> list[str] | None:
        """Send a message from the operator; the recipients of a broadcast, None for a message to one agent."""
        return self._ask(
            lambda: agent_api.Send(to=to, body=body, in_reply_to=in_reply_to), agent_api.SendReply
        ).recipients

    # Approvals and agents to come.

    def approve(
        self,
        approval: int,
        sha: str | None,
        base_sha: str | None,
        *,
        accepts: Sequence[str],
        undoes: Sequence[int],
        note: str | None = None,
        session: int | None = None,
    ) -> int | None:
        """Approve what was looked at: the commit, its base, what it takes back, the parts beyond the review.

        The approval of the agent after whose end it is carried out; None when it begins at once.
        """
        return self._ask(
            lambda: Approve(
                id=approval,
                sha=sha,
                base_sha=base_sha,
                accepts=list(dict.fromkeys(accepts)),
                undoes=list(dict.fromkeys(undoes)),
                note=note,
                session=session,
            ),
            ApproveReply,
            DECIDE_SECONDS,
        ).behind

    def deny(self, approval: int, note: str | None, *, session: int | None = None) -> None:
        self._do(lambda: operator_api.Deny(id=approval, note=note, session=session), DECIDE_SECONDS)

    def comment(self, approval: int, base: str, comment: Mapping[str, object]) -> int:
        """Keep a draft of a comment; its id."""
        frame = {"id": approval, "base": base, "comment": dict(comment)}
        return self._ask(lambda: Comment.model_validate(frame), CommentReply).comment_id

    def edit_comment(self, approval: int, comment: int, text: str) -> None:
        self._do(lambda: EditComment(id=approval, comment_id=comment, text=text))

    def drop_comment(self, approval: int, comment: int) -> None:
        self._do(lambda: DropComment(id=approval, comment_id=comment))

    def mark_viewed(self, approval: int, content: str, *, viewed: bool) -> None:
        self._do(lambda: MarkViewed(id=approval, content=content, viewed=viewed))

    def request_spawn(self, agent: str, description: str | None) -> int:
        """Propose a new agent; the number of the approval."""
        return self._propose(lambda: agent_api.RequestSpawn(name=agent, description=description))

    def revive(self, agent: str) -> int:
        """Propose to spawn a destroyed agent again with its kept state; the number of the approval."""
        return self._propose(lambda: operator_api.ByName(cmd="revive", name=agent))

    def request_edit(self, agent: str, base_sha: str, files: Mapping[str, str], description: str | None) -> int:
        """Propose the configuration in force with these files; the number of the approval."""
        return self._propose(
            lambda: operator_api.RequestEdit(name=agent, base_sha=base_sha, files=dict(files), description=description)
        )

    def undo(self, approval: int, base_sha: str, session: int | None) -> UndoReply:
        """Propose the reverse of a deployed change and approve it; `base_sha`: what was in force in the preview."""
        return self._ask(lambda: Undo(id=approval, base_sha=base_sha, session=session), UndoReply, DECIDE_SECONDS)

    def request_again(self, approval: int) -> int:
        """Propose the commit of a denied change once more; the number of the approval."""
        return self._propose(lambda: RequestAgain(id=approval))

    def request_revert(self, approval: int, description: str | None) -> int:
        """Propose the reverse of a deployed change; the number of the approval."""
        return self._propose(lambda: operator_api.RequestRevert(id=approval, description=description))

    def request_apply_commit(self, agent: str, commit: str, description: str | None) -> int:
        """Propose a commit for an agent; the number of the approval."""
        return self._propose(
            lambda: agent_api.RequestApplyCommit(agent=agent, commit_ref=commit, description=description)
        )

    def request_spawn_commit(self, draft: str, commit: str, description: str | None) -> int:
        """Propose a commit of a draft; the number of the approval."""
        return self._propose(
            lambda: agent_api.RequestSpawnCommit(name=draft, commit_ref=commit, description=description)
        )

    def request_spawn_draft(self, name: str) -> str:
        """Prepare an agent; where its configuration is."""
        return self._ask(
            lambda: agent_api.RequestSpawnDraft(name=name), agent_api.DraftReply, DECIDE_SECONDS
        ).config_path

    def discard_draft(self, name: str) -> None:
        """Delete the configuration and the notes of a draft."""
        self._do(lambda: operator_api.ByName(cmd="discard_draft", name=name), DECIDE_SECONDS)

    def withdraw(self, approval: int) -> None:
        """Take back a proposal of the operator's own, or what was approved and is not in force yet."""
        self._do(lambda: agent_api.Withdraw(id=approval), DECIDE_SECONDS)

    def purge_tombstone(self, agent: str) -> None:
        """Delete the kept state of a destroyed agent for good."""
        self._do(lambda: operator_api.ByName(cmd="purge_tombstone", name=agent), STOP_SECONDS)

    def drop_quarantined(self, table: str, key: str) -> None:
        """Delete a stored row, or a file that was put aside, that cannot be read."""
        self._do(lambda: operator_api.DropQuarantined(table=table, key=key), DECIDE_SECONDS)

    # Questions and reminders.

    def answer_question(self, question: int, answer: str) -> None:
        self._do(lambda: operator_api.AnswerQuestion(id=question, answer=answer))

    def cancel_question(self, question: int) -> None:
        self._do(lambda: operator_api.ById(cmd="cancel_question", id=question))

    def cancel_reminder(self, reminder: int) -> None:
        self._do(lambda: operator_api.ById(cmd="cancel_reminder", id=reminder))

    def retry_reminder(self, reminder: int) -> None:
        self._do(lambda: operator_api.ById(cmd="retry_reminder", id=reminder))

    # Dead letters.

    def mark_read(self, *, ids: Sequence[int] = (), up_to: int | None = None, sender: str | None = None) -> int:
        """Mark mail to the operator as read; how many messages were unread."""
        return self._ask(lambda: MarkRead(ids=list(ids), up_to=up_to, sender=sender), MarkReadReply).marked

    def retry_dead_letter(self, message: int) -> None:
        self._do(lambda: operator_api.ById(cmd="retry_dead_letter", id=message))

    def drop_dead_letter(self, message: int) -> None:
        self._do(lambda: operator_api.ById(cmd="drop_dead_letter", id=message))

    def _do(self, build: Callable[[], Request], seconds: float = REQUEST_SECONDS) -> None:
        self._ask(build, Done, seconds)

    def _propose(self, build: Callable[[], Request]) -> int:
        return self._ask(build, agent_api.ApprovalReply, DECIDE_SECONDS).approval_id

    def _ask(self, build: Callable[[], Request], reply: type[R], seconds: float = REQUEST_SECONDS) -> R:
        try:
            request = build()
        except ValidationError as error:
            raise _refusal(error) from None
        try:
            return self._daemon.ask(request, reply, seconds=seconds)
        finally:
            self._cache.invalidate()


def _refusal(error: ValidationError) -> HiveError:
    """The reason for which the wire's rules refuse the input."""
    reason = error.errors(include_url=False, include_context=False, include_input=False)[0]["msg"]
    return bad_request(reason.removeprefix("Value error, "))
