"""The fake daemon's notes on approvals: comments on lines, marks of viewed files, the decision."""

from harness.wire.errors import conflict, not_found
from harness.wire.model import Done
from harness.wire.operator_api.comments import ApprovalNotesReply, CommentReply
from harness.wire.review.comments import CommentRow


class FakeComments:
    """A part of FakeDecisions; every field is public, so that a test can set it."""

    def __init__(self, decisions):
        self.decisions = decisions
        self.rows: dict[int, CommentRow] = {}
        self.earlier: dict[int, list[CommentRow]] = {}
        self.viewed: dict[int, set[str]] = {}
        self.decided: dict[int, dict] = {}

    def add(self, approval, **more):
        number = max(self.rows, default=0) + 1
        row = {
            "id": number, "approval_id": approval, "state": "draft", "source": "config", "path": "agent.toml", "side": "new",
            "line": 2, "quoted": 'packages = ["ripgrep"]', "text": "why?", "written_by": "operator (uid 7)",
            "written_at": self.decisions.ago(0),
        } | more  # fmt: skip
        self.rows[number] = CommentRow(**row)
        self._emit(approval)
        return number

    def send(self, approval, verdict, note, session):
        """The decision takes the drafts with it."""
        for number, row in self.rows.items():
            if row.approval_id == approval:
                self.rows[number] = row.model_copy(update={"state": "sent"})
        where = "" if session is None else f", session {session}"
        self.decided[approval] = {
            "id": 1, "at": self.decisions.ago(0), "approval_id": approval, "agent": "bob", "kind": "apply_commit",
            "verdict": verdict, "sha": "ab" * 20, "decided_by": f"operator (uid 7{where})", "note": note,
        }  # fmt: skip

    def answer(self, request):
        """The reply, or None for a verb of another part."""
        match request.cmd:
            case "approval_notes":
                own = [row for row in self.rows.values() if row.approval_id == request.id]
                return ApprovalNotesReply(
                    comments=own,
                    earlier=self.earlier.get(request.id, []),
                    viewed=sorted(self.viewed.get(request.id, ())),
                    decision=self.decided.get(request.id),
                )
            case "comment":
                self._waits(request.id)
                wanted = request.comment
                number = self.add(
                    request.id, source=wanted.source, path=wanted.path, side=wanted.side, line=wanted.line, text=wanted.text,
                    quoted="" if wanted.line is None else f"line {wanted.line}",
                )  # fmt: skip
                return CommentReply(comment_id=number, quoted="")
            case "edit_comment":
                self.rows[request.comment_id] = self._draft(request).model_copy(update={"text": request.text})
                self._emit(request.id)
            case "drop_comment":
                self._draft(request)
                del self.rows[request.comment_id]
                self._emit(request.id)
            case "mark_viewed":
                marks = self.viewed.setdefault(request.id, set())
                (marks.add if request.viewed else marks.discard)(request.content)
                self._emit(request.id)
            case _:
                return None
        return Done()

    def _waits(self, approval):
        if self.decisions.approvals[approval].status != "pending":
            raise conflict(f"approval {approval} was decided already")

    def _draft(self, request):
        self._waits(request.id)
        if request.comment_id not in self.rows:
            raise not_found(f"comment {request.comment_id}")
        return self.rows[request.comment_id]

    def _emit(self, approval):
        self.decisions.fake.emit("review", {"id": approval, "agent": self.decisions.approvals[approval].agent})
