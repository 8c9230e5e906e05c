"""Everything the pages show comes from here, as plain rows; no page talks to the daemon by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from harness.wire import names, operator_api, times
from harness.wire.agent_api import LinesReply, Message, MessagesReply, Question
from harness.wire.errors import not_found
from harness.wire.operator_rows import AgentRow, ApprovalRow, Tombstone, TreeNode, TurnRow
from web import diffs, topics
from web.feed import Feed
from web.host import Host
from web.memo import Known, Memo

FLOW_ROWS = 100
"""Messages read at a time; the page keeps at most KEPT_ROWS."""
KEPT_ROWS = 500
LOG_ROWS = 300
LOG_STEP = 60
SPARK_TURNS = 60


Base = Literal["running", "approved", "previous"]
ConfigList = Literal["config_log", "config_tags", "config_files"]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two commits and what lies between them. `base` is None where there is nothing to compare with."""

    diff: diffs.Diff
    text: str
    base: str | None
    sha: str


def _compared(reply: operator_api.DiffReply) -> Compared:
    return Compared(diffs.parse(reply.diff), reply.diff, reply.base_sha, reply.sha)


def _checked(name: str) -> str:
    """`name` if somebody can be called so, else `not_found`."""
    try:
        return names.check_agent_name(name)
    except ValueError as error:
        raise not_found(f"agent {name[:40]!r}", str(error)) from None


def _of_config(name: str) -> tuple[str, ...]:
    # An agent that is rebuilt may have another commit in force without an approval: a spawn past the queue, say.
    return topics.config_of(name), topics.row_of(name)


class Reads:
    """The daemon's rows, with the moment since when they are known. Fails with HiveError, never with an empty list."""

    def __init__(self, host: Host, feed: Feed, now_ms: Callable[[], int]) -> None:
        self._host = host
        self._feed = feed
        self.now_ms = now_ms
        self._memo = Memo(feed, now_ms)

    def forget(self) -> None:
        """Read everything afresh: whoever acted sees what the action did, even before its event comes."""
        self._memo.forget()

    def agents(self) -> Known[list[AgentRow]]:
        """Every agent and peer, the manager first, then by name."""

        def fetch() -> list[AgentRow]:
            rows = self._host.ask(operator_api.Plain(cmd="agent_status"), operator_api.AgentStatusReply).agent_statuses
            return sorted(rows, key=lambda row: (row.role != "manager", row.name))

        return self._memo.read("agents", (topics.AGENTS,), fetch)

    def agent(self, name: str) -> Known[AgentRow]:
        """One agent by either spelling of its name; `not_found` when there is none."""
        known = self.agents()
        wanted = names.broker_name(name)
        for row in known.value:
            if names.broker_name(row.name) == wanted:
                return Known(row, known.as_of_ms, known.stale)
        raise not_found(f"agent {name!r}", "the dashboard lists who is there")

    def messages(self, *, limit: int = FLOW_ROWS, before: int | None = None) -> Known[list[Message]]:
        """A page of the whole message flow, oldest first."""
        return self._listing("messages", limit, before, topics.FLOW)

    def inbox(self, *, limit: int = FLOW_ROWS) -> Known[list[Message]]:
        """The operator's own mail, oldest first."""
        return self._listing("inbox", limit, None, topics.INBOX)

    def messages_after(self, after: int) -> list[Message]:
        """The messages with an id above `after`, oldest first, at most KEPT_ROWS of the newest."""
        rows: list[Message] = []
        before = None
        while len(rows) < KEPT_ROWS:
            page = self.messages(before=before).value
            rows = [row for row in page if row.id > after] + rows
            if len(page) < FLOW_ROWS or page[0].id <= after:
                break
            before = page[0].id
        return rows[-KEPT_ROWS:]

    def approvals(self) -> Known[list[ApprovalRow]]:
        """Everything that is open and the latest of the rest, oldest first."""

        def fetch() -> list[ApprovalRow]:
            return self._host.ask(operator_api.Plain(cmd="pending"), operator_api.ApprovalsReply).approvals

        return self._memo.read("approvals", (topics.APPROVALS,), fetch)

    def approval(self, number: int) -> ApprovalRow:
        """One approval; `not_found` when it is none of the latest."""
        for row in self.approvals().value:
            if row.id == number:
                return row
        raise not_found(f"approval {number}", "the dashboard lists the latest")

    def diff(self, approval: ApprovalRow, base: Base = "running") -> Known[Compared]:
        """What an approval changes against one of the three bases."""

        def fetch() -> Compared:
            request = operator_api.ApprovalDiff(id=approval.id, base=base)
            return _compared(self._host.ask(request, operator_api.DiffReply))

        return self._memo.read(f"diff {approval.id} {base}", (topics.config_of(approval.agent),), fetch)

    def questions(self) -> Known[list[Question]]:
        """Every pending question and the latest of the others, oldest first."""

        def fetch() -> list[Question]:
            return self._host.ask(operator_api.Plain(cmd="questions"), operator_api.QuestionsReply).questions

        return self._memo.read("questions", (topics.QUESTIONS,), fetch)

    def reminders(self) -> Known[operator_api.RemindersReply]:
        """What waits, first due first, and what was delivered lately."""

        def fetch() -> operator_api.RemindersReply:
            return self._host.ask(operator_api.Plain(cmd="reminders"), operator_api.RemindersReply)

        return self._memo.read("reminders", (topics.REMINDERS,), fetch)

    def tombstones(self) -> Known[list[Tombstone]]:
        """What is kept of destroyed agents, by name."""

        def fetch() -> list[Tombstone]:
            return self._host.ask(operator_api.Plain(cmd="tombstones"), operator_api.TombstonesReply).tombstones

        return self._memo.read("tombstones", (topics.TOMBSTONES,), fetch)

    def drafts(self) -> Known[list[dict[str, Any]]]:
        """Rows {name, config_path, state_path, approval_id} of what is prepared and not spawned."""

        def fetch() -> list[dict[str, Any]]:
            return self._host.ask(operator_api.Plain(cmd="drafts"), operator_api.RowsReply).rows

        return self._memo.read("drafts", (topics.DRAFTS, topics.APPROVALS), fetch)

    def config_text(self, name: str, *, path: str | None = None, ref: str | None = None) -> Known[str]:
        """A file of an agent's configuration at a ref; without a path the configuration in force."""

        def fetch() -> str:
            cmd = "agent_config" if path is None else "config_file"
            request = operator_api.ConfigQuery(cmd=cmd, name=_checked(name), path=path, ref=ref)
            return self._host.ask(request, operator_api.TextReply).text

        return self._memo.read(f"config {name} {path} {ref}", _of_config(name), fetch)

    def config_rows(self, cmd: ConfigList, name: str, ref: str | None = None) -> Known[list[dict[str, Any]]]:
        """The log, the tags or the files of an agent's configuration."""

        def fetch() -> list[dict[str, Any]]:
            request = operator_api.ConfigQuery(cmd=cmd, name=_checked(name), ref=ref)
            return self._host.ask(request, operator_api.RowsReply).rows

        return self._memo.read(f"{cmd} {name} {ref}", _of_config(name), fetch)

    def config_diff(self, name: str, base: str, ref: str) -> Known[Compared]:
        """What changed from one commit of an agent's configuration to another."""

        def fetch() -> Compared:
            request = operator_api.ConfigQuery(cmd="config_diff", name=_checked(name), base=base, ref=ref)
            return _compared(self._host.ask(request, operator_api.DiffReply))

        return self._memo.read(f"config diff {name} {base} {ref}", _of_config(name), fetch)

    def state_file(self, agent: str, path: str) -> str:
        """A file that an agent left for everybody to read, below its `state/`."""
        return self._host.ask(operator_api.StateFile(agent=_checked(agent), rel_path=path), operator_api.TextReply).text

    def series(self, since_ms: int, agent: str | None) -> dict[str, Any]:
        """Agent → key → points since a moment, for the charts."""
        request = operator_api.Stats(since=times.from_ms(since_ms), agent=agent and _checked(agent))
        return self._host.ask(request, operator_api.SeriesReply).series

    def tree(self) -> TreeNode:
        """The supervised tree, read afresh: its figures change without an event."""
        return self._host.ask(operator_api.Plain(cmd="actors"), operator_api.TreeReply).tree

    def started_ms(self) -> Known[int | None]:
        """When the hive was started, ms UTC; None when it does not say."""

        def fetch() -> int | None:
            uptime = self.tree().uptime_seconds
            return None if uptime is None else self.now_ms() - round(uptime * 1000)

        return self._memo.read("started", (), fetch)

    def journal(self, name: str, lines: int) -> list[str]:
        """The last lines of an agent's own log."""
        self.agent(name)
        request = operator_api.Journal(name=name, lines=lines)
        return self._host.ask(request, LinesReply).lines

    def turns(self, agent: str, limit: int = SPARK_TURNS) -> Known[list[TurnRow]]:
        """The agent's last finished turns."""

        def fetch() -> list[TurnRow]:
            return self._host.ask(operator_api.Turns(agent=agent, limit=limit), operator_api.TurnsReply).turns

        return self._memo.read(f"turns {agent} {limit}", (topics.turns_of(agent),), fetch)

    def live(self, agent: str, *, limit: int = LOG_ROWS, before: int | None = None) -> list[dict[str, Any]]:
        """Rows {id, at, event} of the agent's turn log, oldest first."""
        request = operator_api.LiveHistory(agent=agent, limit=limit, before=before)
        return self._host.ask(request, operator_api.RowsReply).rows

    def live_after(self, agent: str, after: int) -> list[dict[str, Any]]:
        """The rows above `after`: from the shared feed where it reaches back far enough, else from the daemon."""
        remembered = self._feed.live_since(agent, after)
        if remembered is not None:
            return remembered
        rows: list[dict[str, Any]] = []
        before = None
        while len(rows) < LOG_ROWS:
            page = self.live(agent, limit=LOG_STEP, before=before)
            rows = [row for row in page if int(row["id"]) > after] + rows
            if len(page) < LOG_STEP or int(page[0]["id"]) <= after:
                break
            before = int(page[0]["id"])
        return rows

    def _listing(self, cmd: str, limit: int, before: int | None, topic: str) -> Known[list[Message]]:
        def fetch() -> list[Message]:
            request = operator_api.Listing(cmd=cmd, limit=limit, before=before)
            return self._host.ask(request, MessagesReply).messages

        return self._memo.read(f"{cmd} {limit} {before}", (topic,), fetch)
