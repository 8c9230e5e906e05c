"""The fake daemon's approvals, questions, reminders, tombstones, drafts and configurations, with their outcomes."""

from hashlib import sha256

from actors.agent.repos import patch
from harness.wire import agent_api, operator_api, times
from harness.wire.agent_api import Question, Reminder
from harness.wire.errors import conflict, not_found
from harness.wire.model import Done
from harness.wire.operator_api.approvals import UndoPreviewReply, UndoReply
from harness.wire.operator_api.mail import DeadLettersReply
from harness.wire.operator_rows import ApprovalRow, DeadLetter, Delivered, PromiseRow, QuarantineRow, Tombstone
from harness.wire.review import ApproveReply, CompareReply, EffectiveChange, FileChange, PartReply, ReviewReply, Unshown
from tests.web.answers.comments import FakeComments

MINUTE = 60_000
SHA = "77ab01c3d9e2{:028x}"

TWO_FILES = """\
diff --git a/agent.toml b/agent.toml
index 1111111..2222222 100644
--- a/agent.toml
+++ b/agent.toml
@@ -1,3 +1,6 @@
 model = "haiku"
-packages = []
+packages = ["ripgrep"]
+
+# searches /shared
+allowedBashPatterns = ["rg *"]
 role = "figures"
diff --git a/role.md b/role.md
new file mode 100644
index 0000000..3333333
--- /dev/null
+++ b/role.md
@@ -0,0 +1,2 @@
+collects figures
+reads only
"""
ONE_LINE = """\
diff --git a/agent.toml b/agent.toml
index 2222222..3333333 100644
--- a/agent.toml
+++ b/agent.toml
@@ -1 +1 @@
-# first
+# second
"""
DECIDED = {
    "approval_id": 1, "verdict": "approved", "status": "approved", "decided_by": "operator (uid 7, session 3)", "note": "as we said",
    "at": "2026-01-02T03:04:05.000Z", "undoable": True,
}  # fmt: skip
CONFIG = '# what bob may\nmodel = "haiku"\npackages = []\nrole = "figures"\n'


EFFECTIVE = [
    EffectiveChange(topic="binds", name="/srv/data", after="/srv/data (writable)", widens=True),
    EffectiveChange(topic="allowedBashPatterns", before="every command", after="Bash(rg *)"),
]


def files_of(text):
    """The files of a diff as the daemon sends them."""
    headings = [line.removeprefix("diff --git ") for line in text.split("\n") if line.startswith("diff --git ")]
    return [
        FileChange(
            path=heading[: len(heading) // 2].removeprefix("a/"),
            change="new" if "@@ -0,0" in "".join(one.lines) else "changed", size=99, sha256=sha256(heading.encode()).hexdigest(),
            added=one.added, removed=one.removed, hidden=one.hidden, lines="\n".join(one.lines), content=sha256(heading.encode()).hexdigest()[:16],
        )
        for heading, one in zip(headings, patch.parse(text), strict=True)
    ]  # fmt: skip


def hostile():
    """A long file, a binary one, and one with characters that hide: files and the parts that are not shown."""
    lines = "\n".join(["@@@ -0,0 +1,900 @@", *(f"+line {number}" for number in range(200))])
    text = '@@@ -1 +1 @@\n-allow = "none"\n+allow = "\\u{202e}enon\\u{3164}\\u{fe0f}"'
    files = [
        FileChange(path="agent.toml", change="changed", size=40, sha256="1" * 64, added=1, removed=1, hidden=3, lines=text),
        FileChange(path="docs/long.md", change="new", size=90_000, sha256="2" * 64, added=900, lines=lines, missing=700, part="aa11"),
        FileChange(path="tool.bin", change="new", mode="executable", binary=True, size=4096, sha256="3" * 64, part="bb22"),
        FileChange(source="notes", path="notes.md", change="new", size=9, sha256="4" * 64, added=1, lines="@@@ -0,0 +1 @@\n+read me"),
    ]  # fmt: skip
    unshown = [
        Unshown(part="aa11", what="docs/long.md", why="long: 700 of 900 lines are not shown"),
        Unshown(part="bb22", what="tool.bin", why=f"binary: 4096 bytes, sha256 {'3' * 64}"),
    ]
    return {
        "files": files, "unshown": unshown, "effective": EFFECTIVE,
        "remarks": ["limits.pids is not enforced: there is no cgroup with pids to write to here"],
    }  # fmt: skip


class FakeDecisions:
    """A part of a FakeDaemon; every field is public, so that a test can set it."""

    def __init__(self, fake):
        self.fake = fake
        self.clear()

    def clear(self):
        self.approvals: dict[int, ApprovalRow] = {}
        self.comments = FakeComments(self)
        self.questions: dict[int, Question] = {}
        self.reminders: dict[int, Reminder] = {}
        self.quarantine: list[QuarantineRow] = []
        self.dead_letters: dict[int, DeadLetter] = {}
        self.tombstones: list[Tombstone] = []
        self.drafts: list[dict] = []
        self.delivered = {"alice": Delivered(count=12, attempts=12), "bob": Delivered(count=3, attempts=5)}
        self.diffs: dict[tuple[int, str], str] = {}
        self.reviews: dict[int, dict] = {}
        self.undos: dict[int, dict] = {}
        self.log = operator_api.DecisionsReply(decisions=[], broken_at=None, reason=None)
        """Fields of the review of an approval, in place of those that follow from its diff."""
        self.promises = [
            PromiseRow(name="wake", held=True, detail="3 messages pending, none forgotten"),
            PromiseRow(name="dead letters", held=False, detail="bob has 1 dead letters; `hive dead list` shows them"),
        ]
        self.configs: dict[str, dict] = {}
        self.series: dict = {}
        self.costs: dict = {}

    def ago(self, ms):
        return times.from_ms(self.fake.now_ms() - ms)

    # ---- what happens -------------------------------------------------------------------------

    def propose(self, agent, description=None, *, kind="apply_commit", diff=TWO_FILES):
        number = max(self.approvals, default=0) + 1
        self.approvals[number] = ApprovalRow(
            id=number, agent=agent, kind=kind, status="pending", requested_at=self.ago(2 * MINUTE), commit_ref=SHA.format(number)[:12],
            sha=SHA.format(number), description=description, tag=f"proposal/{number}",
        )  # fmt: skip
        self.diffs[number, "running"] = diff
        self.fake.emit("approval", self.approvals[number].as_frame())
        return number

    def resolve(self, number, status, *, tag=None, note=None):
        row = self.approvals[number]
        changes = {"status": status, "tag": tag or row.tag, "note": note, "resolved_at": self.ago(0)}
        self.approvals[number] = row.model_copy(update=changes)
        self.fake.emit("approval", self.approvals[number].as_frame())

    def ask(self, asker, question, *, target="operator", options=(), multi=False, free_text=False, seconds=None):
        number = max(self.questions, default=0) + 1
        deadline = None if seconds is None else times.from_ms(self.fake.now_ms() + seconds * 1000)
        self.questions[number] = Question(
            id=number, asker=asker, target=target, question=question, options=list(options), multi=multi, free_text=free_text,
            asked_at=self.ago(MINUTE), deadline_at=deadline,
        )  # fmt: skip
        self.fake.emit("question", self.questions[number].as_frame())
        return number

    def end(self, number, status, answer=None):
        row = self.questions[number]
        changes = {"status": status, "answer": answer, "answerer": "operator", "resolved_at": self.ago(0)}
        self.questions[number] = row.model_copy(update=changes)
        self.fake.emit("question", self.questions[number].as_frame())

    def remind(self, agent, message, *, seconds, error=None, attempts=0):
        number = max(self.reminders, default=0) + 1
        due = times.from_ms(self.fake.now_ms() + seconds * 1000)
        self.reminders[number] = Reminder(
            id=number, agent=agent, message=message, due_at=due, created_at=self.ago(MINUTE), attempts=attempts, last_error=error,
        )  # fmt: skip
        self.fake.emit("reminder", self.reminders[number].as_frame())

    # ---- what is asked ------------------------------------------------------------------------

    def answer(self, request):  # noqa: C901, PLR0915
        """The reply, or None for a verb that FakeDaemon answers itself."""
        if (noted := self.comments.answer(request)) is not None:
            return noted
        match request.cmd:
            case "pending":
                return operator_api.ApprovalsReply(approvals=list(self.approvals.values()))
            case "approve" | "deny":
                self._pending(request.id)
                approved = request.cmd == "approve"
                self.comments.send(request.id, "approved" if approved else "denied", request.note, request.session)
                self.resolve(request.id, "approved" if approved else "denied", tag=f"approved/{request.id}" if approved else None,
                             note=None if approved else request.note)  # fmt: skip
                return ApproveReply() if approved else Done()
            case "approval_diff":
                row = self._approval(request.id)
                text = self.diffs.get((request.id, request.base), "")
                return operator_api.DiffReply(
                    diff=text, base_sha=None if row.kind == "spawn" else SHA.format(0), sha=row.sha
                )
            case "approval_review":
                row = self._approval(request.id)
                files = files_of(self.diffs.get((request.id, request.base), ""))
                return ReviewReply(**{
                    "id": row.id, "sha": row.sha, "base_sha": None if row.kind == "spawn" else SHA.format(0), "files": files,
                    "effective": EFFECTIVE if files else [], **self.reviews.get(row.id, {}),
                })  # fmt: skip
            case "approval_part":
                last = request.offset > 0
                text = "+the end" if last else "\n".join(f"+line {number}" for number in range(200, 900)) + "\n"
                return PartReply(part=request.part, what="docs/long.md", text=text, offset=request.offset, next_offset=None if last else len(text))  # fmt: skip
            case "request_spawn" | "revive":
                number = self.propose(request.name, getattr(request, "description", None), kind="spawn")
                return agent_api.ApprovalReply(approval_id=number, sha=SHA.format(number))
            case "undo_preview":
                row = self._approval(request.id)
                return UndoPreviewReply(**{
                    "id": row.id, "agent": row.agent, "base_sha": SHA.format(0), "files": files_of(ONE_LINE), **self.undos.get(row.id, {}),
                })  # fmt: skip
            case "undo":
                number = self.propose("alice", f"undo of approval {request.id}")
                self.comments.send(number, "approved", f"undo of approval {request.id}", request.session)
                self.resolve(number, "approved", tag=f"approved/{number}")
                return UndoReply(approval_id=number)
            case "request_again":
                return agent_api.ApprovalReply(approval_id=self.propose("bob", "again"), sha=SHA.format(9))
            case "request_edit" | "request_apply_commit" | "request_spawn_commit" | "request_revert":
                number = self.propose(getattr(request, "name", None) or "alice", request.description)
                return agent_api.ApprovalReply(approval_id=number, sha=SHA.format(number))
            case "request_spawn_draft":
                return agent_api.DraftReply(config_path=f"/agents/{request.name}/config", state_path="/s")
            case "withdraw":
                self._pending(request.id)
                self.resolve(request.id, "cancelled")
                return operator_api.approvals.WithdrawReply(effect="nothing was changed")
            case "discard_draft":
                self.drafts = [one for one in self.drafts if one["name"] != request.name]
            case "decisions":
                return self.log
            case "verify":
                return operator_api.VerifyReply(promises=self.promises)
            case "drafts":
                return operator_api.RowsReply(rows=self.drafts)
            case "questions":
                return operator_api.QuestionsReply(questions=list(self.questions.values()))
            case "answer_question" | "cancel_question":
                self._open(request.id)
                answered = request.cmd == "answer_question"
                self.end(
                    request.id, "answered" if answered else "cancelled", request.answer if answered else "[cancelled]"
                )
            case "dead_letters":
                return DeadLettersReply(dead_letters=list(self.dead_letters.values()))
            case "retry_dead_letter" | "drop_dead_letter":
                if self.dead_letters.pop(request.id, None) is None:
                    raise not_found(f"dead letter {request.id}")
                self.fake.emit("dead_letter", {"id": request.id, "set_aside": False})
            case "drop_quarantined":
                kept = [one for one in self.quarantine if (one.table, one.key) != (request.table, request.key)]
                self.quarantine = kept
                self.fake.emit("quarantine", {"rows": len(kept)})
            case "quarantine":
                return operator_api.QuarantineReply(rows=self.quarantine)
            case "reminders":
                return operator_api.RemindersReply(reminders=list(self.reminders.values()), delivered=self.delivered)
            case "cancel_reminder":
                if self.reminders.pop(request.id, None) is None:
                    raise not_found(f"reminder {request.id}")
                self.fake.emit("reminder", {"id": request.id, "cancelled": True})
            case "retry_reminder":
                again = {"last_error": None, "attempts": 0}
                self.reminders[request.id] = self.reminders[request.id].model_copy(update=again)
                self.fake.emit("reminder", self.reminders[request.id].as_frame())
            case "tombstones":
                return operator_api.TombstonesReply(tombstones=self.tombstones)
            case "purge_tombstone":
                self.tombstones = [one for one in self.tombstones if one.name != request.name]
                self.fake.emit("tombstones", {})
            case "rebuild_all":
                return operator_api.PlannedReply(planned=["manager", "alice"])
            case "state_file":
                return operator_api.TextReply(text=f"{request.rel_path} of {request.agent}")
            case "hosts":
                row = {"agent": "alice", "host": "lan.example", "port": 443, "refused": 1, "last_ms": 1}
                return operator_api.HostsReply(hosts=[{**row, "reason": "it has a private address"}])
            case "stats":
                shown = {name: one for name, one in self.series.items() if request.agent in (None, name)}
                costs = {name: rows for name, rows in self.costs.items() if request.agent in (None, name)}
                return operator_api.SeriesReply(series=shown, costs=costs)
            case "config_source":
                return operator_api.SourceReply(
                    sha="ab" * 20, text=None if request.path == "new.md" else 'model = "<b>"\n'
                )
            case "agent_config" | "config_log" | "config_tags" | "config_files" | "config_file" | "config_compare":
                return self._config(request)
            case _:
                return None
        return Done()

    def _config(self, request):
        kept = self.configs.get(request.name)
        if kept is None:
            raise not_found(f"configuration repository of {request.name!r}")
        match request.cmd:
            case "config_log" | "config_tags" | "config_files":
                return operator_api.RowsReply(rows=kept[request.cmd])
            case "config_compare":
                return CompareReply(files=files_of(kept["diff"]), base_sha=request.base, sha=request.ref)
            case _:
                return operator_api.TextReply(text=kept["text"])

    def _approval(self, number):
        if number not in self.approvals:
            raise not_found(f"approval {number}")
        return self.approvals[number]

    def _pending(self, number):
        row = self._approval(number)
        if row.status != "pending":
            raise conflict(f"approval {number} was {row.status} already", "`hive pending --all` shows how it ended")

    def _open(self, number):
        if number not in self.questions:
            raise not_found(f"question {number}")
        if self.questions[number].status != "pending":
            raise conflict(f"question {number} was {self.questions[number].status} already")


def populate(decisions):
    """Three proposals in different states, questions to the operator and to a peer, reminders, a draft, a tombstone."""
    decisions.clear()
    ago = decisions.ago
    decisions.propose("alice", "a bigger model for the drafts", diff=ONE_LINE)
    decisions.resolve(1, "approved", tag="deployed/1")
    decisions.propose("bob", "network access", diff=ONE_LINE)
    decisions.resolve(2, "denied", note="not without a reason: what would it fetch?")
    decisions.propose("carol", "python for the figures")
    decisions.resolve(3, "failed", tag="failed/3", note="it did not ask for mail within 60 s")
    decisions.propose("bob", "ripgrep for code search")
    decisions.diffs[4, "approved"] = ONE_LINE
    decisions.ask("alice", "may I delete /shared/old?")
    decisions.end(1, "answered", "yes, but keep the figures")
    decisions.ask("manager", "which branch is the base?", options=["main", "dev"], seconds=252)
    decisions.ask("bob", "which columns?", target="alice", options=["day", "sum", "mean"], multi=True, free_text=True)
    decisions.remind("alice", "look whether the page is up\nand tell the manager", seconds=3 * 3600)
    decisions.remind("bob", "figures of the week", seconds=-40, error="the recipient is not registered", attempts=3)
    decisions.tombstones = [
        Tombstone(name="zed", size_bytes=48_300_000, changed_at=ago(3 * 24 * 60 * MINUTE), credentials=True),
        Tombstone(name="old-one", size_bytes=12_000, changed_at=ago(90 * 24 * 60 * MINUTE), credentials=False),
    ]
    decisions.drafts = [
        {"name": "erin", "config_path": "/agents/erin/config", "state_path": "/agents/erin/state", "approval_id": None}
    ]
    commits = [
        {"sha": SHA.format(n), "parents": [SHA.format(n - 1)] if n else [], "author": "hm1nd", "address": "hm1nd@hive", "at": ago(n * 60 * MINUTE), "subject": words}
        for n, words in ((2, "bob: figures only"), (1, "bob: a role"), (0, "the template"))
    ]  # fmt: skip
    decisions.configs = {
        "bob": {
            "config_log": [{**one, "approval": DECIDED if number == 0 else None} for number, one in enumerate(commits)],
            "config_tags": [
                {"tag": "proposal/4", "sha": SHA.format(4), "at": None, "note": None},
                {"tag": "denied/2", "sha": SHA.format(3), "at": ago(MINUTE), "note": "not without a reason\nwhat would it fetch?"},
                {"tag": "deployed/0", "sha": SHA.format(0), "at": None, "note": None},
            ],
            "config_files": [{"path": "agent.toml", "size": len(CONFIG)}, {"path": "role.md", "size": 812}],
            "diff": TWO_FILES,
            "text": CONFIG,
        }
    }  # fmt: skip
    decisions.configs["alice"] = decisions.configs["bob"] | {"text": 'model = "haiku"\n'}
    decisions.series = series(decisions.fake.now_ms())
    decisions.costs = costs(decisions.fake.now_ms())


def series(now):
    """An hour of three agents' turns, as telemetry keeps them."""
    found = {}
    for offset, name in enumerate(("manager", "alice", "bob")):
        points = {}
        for n in range(24):
            at = now - (n * 150 + offset * 20) * 1000
            values = {
                "turns": 1, "turn_duration_ms": 2_000 + (n * 997 + offset * 500) % 30_000, "tool_calls": n % 7, "outcome.ok": 1, "inbox_depth": n % 4, "sent.peer": n % 3,
                "received.manager": 1, "tool.Bash": n % 5, "tool.Read": 2, "notes_bytes": 3_000 + n * 40, "cost_usd": 0.01 * n,
            }  # fmt: skip
            if n % 9 == 4:
                values |= {"outcome.failed": 1}
            for key, value in values.items():
                points.setdefault(key, []).insert(0, [at, value])
        found[name] = points
    found["*"] = {"approvals_pending": [[now - 3_000_000, 0], [now - 2_000_000, 2], [now - 60_000, 1]]}
    return found


def costs(now):
    """What two agents cost on each of the last days; one has worked today alone."""
    day = 86_400_000
    today = now // day * day
    return {
        "manager": [[today - n * day, 0.7 + (n * 37 % 11) / 10, 12 + n] for n in range(12, -1, -1)],
        "alice": [[today, 0.42, 31]],
    }


def poison(decisions, evil):
    """Put `evil` into every text that an agent, or git on its behalf, can write."""
    line = " ".join(evil.splitlines())
    for number, row in list(decisions.approvals.items()):
        changes = {"agent": evil, "description": evil, "note": evil, "tag": evil, "sha": evil, "kind": evil}
        decisions.approvals[number] = row.model_copy(update=changes)
    decisions.approvals[1] = decisions.approvals[1].model_copy(update={"status": "pending"})
    heading = f"diff --git a/{line} b/{line}\nold mode 100644\nrename from {line}\nrename to {line}\n--- a/{line}\n+++ b/{line}\n"
    diff = f"{heading}@@ -1 +1 @@ {line}\n-{line}\n+{line}\n\\ {line}\n{line}\n"
    for number in decisions.approvals:
        decisions.reviews[number] = {
            "effective": [EffectiveChange(topic=evil, name=evil, before=evil, after=evil, widens=True)],
            "remarks": [evil], "unshown": [Unshown(part="aa11", what=evil, why=evil)],
        }  # fmt: skip
    decisions.undos[1] = {"obstacle": evil, "hint": evil, "conflicts": [evil]}
    for number in (1, 2):
        for more in ({}, {"line": None}, {"outdated": True}, {"path": line}):
            decisions.comments.add(number, text=evil, quoted=evil, written_by=evil, **more)
    for key in (*decisions.diffs, (1, "previous"), (2, "previous")):
        decisions.diffs[key] = diff
    for number, row in list(decisions.questions.items()):
        asked = {"asker": evil, "question": evil, "options": [evil, line], "answer": evil, "answerer": evil}
        decisions.questions[number] = row.model_copy(update=asked)
    for number, row in list(decisions.reminders.items()):
        decisions.reminders[number] = row.model_copy(
            update={"agent": evil, "message": evil, "last_error": evil, "file_path": evil}
        )
    decisions.delivered = {evil: Delivered(count=1, attempts=2)}
    decisions.tombstones = [Tombstone(name=evil)]
    decisions.drafts = [{"name": evil, "config_path": evil, "state_path": evil, "approval_id": 1}]
    decisions.configs["alice"] = {
        "config_log": [{"sha": evil, "parents": [evil], "author": evil, "address": evil, "at": decisions.ago(0), "subject": evil, "approval": DECIDED | {"note": evil, "decided_by": evil, "verdict": evil}}],
        "config_tags": [{"tag": evil, "sha": evil, "at": None, "note": evil}],
        "config_files": [{"path": evil, "size": 1}],
        "diff": diff,
        "text": evil,
    }  # fmt: skip
    decisions.series = {
        evil: {
            "turns": [[decisions.fake.now_ms(), 1]],
            f"tool.{evil}": [[decisions.fake.now_ms(), 1]],
            "notes_bytes": [[decisions.fake.now_ms(), 1]],
            f"outcome.{evil}": [[decisions.fake.now_ms(), 1]],
        }
    }
