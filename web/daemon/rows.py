"""The daemon's rows: the only module that asks for what pages show."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from harness.wire import names, operator_api, times
from harness.wire.agent_api import LinesReply, Message, MessagesReply, Question
from harness.wire.errors import bad_request, not_found
from harness.wire.limits import MAX_QUERY_CHARACTERS
from harness.wire.live.facets import Facet
from harness.wire.model import Reply, Request
from harness.wire.operator_api.approvals import UndoPreview, UndoPreviewReply
from harness.wire.operator_api.causes import CausesReply, Effects, Thread, ThreadReply, Why
from harness.wire.operator_api.comments import ApprovalNotes, ApprovalNotesReply
from harness.wire.operator_api.mail import DeadLettersReply, Inbox, InboxReply
from harness.wire.operator_api.needs import NeedsReply
from harness.wire.operator_api.search import Search, SearchReply
from harness.wire.operator_api.watching import LogReply, Totals
from harness.wire.operator_rows import (
    AgentRow,
    ApprovalRow,
    DeadLetter,
    KeptRequest,
    PromiseRow,
    Tombstone,
    TreeNode,
    TurnRow,
)
from harness.wire.proxy import HostReport
from harness.wire.review import ApprovalPart, ApprovalReview, Base, CompareReply, PartReply, ReviewReply
from web.daemon import topics
from web.daemon.agent_rows import AgentRows
from web.daemon.cache import Cached, ReplyCache
from web.daemon.client import DaemonClient
from web.daemon.feed import EventFeed
from web.daemon.listed import Listed, listed

FLOW_ROWS = 100
"""Messages in one page of the message flow."""
MAX_FLOW_ROWS = 500
"""Messages that a browser's page shows at the most."""
LOG_ROWS = 300
"""Events in one page of a turn log."""
SPARKLINE_TURNS = 60

LogPage = LogReply
"""A page of a turn log, as pages name it."""
ConfigList = Literal["config_log", "config_tags", "config_files"]
R = TypeVar("R", bound=Reply)


class Rows:
    """The daemon's rows, with the moment of their read. A failed read raises HiveError; it is never an empty list."""

    def __init__(self, daemon: DaemonClient, feed: EventFeed, cache: ReplyCache, now_ms: Callable[[], int]) -> None:
        self._daemon = daemon
        self._feed = feed
        self._cache = cache
        self._now_ms = now_ms
        self._agents = AgentRows(daemon, feed, now_ms)
        cache.also(self._agents.invalidate)

    def agents(self) -> Cached[list[AgentRow]]:
        """Every agent and peer, the manager first, then by name."""
        return self._agents.read()

    def needs(self) -> Cached[NeedsReply]:
        """What needs the operator, ranked; `failed` names the rows that could not be read."""
        return self._cache.read(
            "needs", topics.NEEDS, lambda: self._plain("needs", NeedsReply), whole=lambda reply: not reply.failed
        )

    def agent(self, name: str) -> Cached[AgentRow]:
        """One agent by either spelling of its name; `not_found` when there is no such agent."""
        cached = self.agents()
        wanted = names.broker_name(name)
        for row in cached.value:
            if names.broker_name(row.name) == wanted:
                return Cached(row, cached.as_of_ms, cached.stale)
        raise not_found(f"agent {name!r}", "the dashboard lists the agents")

    def messages(
        self, *, limit: int = FLOW_ROWS, before: int | None = None, party: str | None = None, system: bool = False
    ) -> Cached[list[Message]]:
        """A page of the message flow, oldest first: all of it, of one party, or what the hive has written."""

        def fetch() -> list[Message]:
            request = operator_api.Messages(limit=limit, before=before, party=party, system=system)
            return self._daemon.ask(request, MessagesReply).messages

        return self._cache.read(f"messages {limit} {before} {party} {system}", (topics.FLOW,), fetch)

    def undelivered(self) -> Cached[list[Message]]:
        """The newest messages that their recipient never got, oldest first."""

        def fetch() -> list[Message]:
            return self._daemon.ask(operator_api.Messages(limit=FLOW_ROWS, undelivered=True), MessagesReply).messages

        return self._cache.read("undelivered", (topics.FLOW, topics.TOMBSTONES), fetch)

    def inbox(self, *, limit: int = FLOW_ROWS, before: int | None = None, unread: bool = False) -> Cached[InboxReply]:
        """A page of the operator's own mail, oldest first, with the figures of all of it."""

        def fetch() -> InboxReply:
            return self._daemon.ask(Inbox(limit=limit, before=before, unread=unread), InboxReply)

        return self._cache.read(f"inbox {limit} {before} {unread}", (topics.INBOX,), fetch)

    def messages_after(self, after: int, *, party: str | None = None, system: bool = False) -> list[Message]:
        """The messages of `messages` with an id above `after`, oldest first, at most MAX_FLOW_ROWS of the newest."""
        rows: list[Message] = []
        before = None
        while len(rows) < MAX_FLOW_ROWS:
            page = self.messages(before=before, party=party, system=system).value
            rows = [row for row in page if row.id > after] + rows
            if len(page) < FLOW_ROWS or page[0].id <= after:
                break
            before = page[0].id
        return rows[-MAX_FLOW_ROWS:]

    def approvals(self) -> Cached[list[ApprovalRow]]:
        """Every open approval and the latest of the others, oldest first."""
        return self._cache.read(
            "approvals", (topics.APPROVALS,), lambda: self._list("pending", operator_api.ApprovalsReply, "approvals")
        )

    def approval(self, number: int) -> ApprovalRow:
        """One approval; `not_found` when it is not among the latest."""
        for row in self.approvals().value:
            if row.id == number:
                return row
        raise not_found(f"approval {number}", "the dashboard lists the latest approvals")

    def review(self, approval: ApprovalRow, base: Base = "running") -> Cached[ReviewReply]:
        """What the operator reads before a decision, against one of the three bases."""

        def fetch() -> ReviewReply:
            return self._daemon.ask(ApprovalReview(id=approval.id, base=base), ReviewReply)

        return self._cache.read(f"review {approval.id} {base}", (topics.config_of(approval.agent),), fetch)

    def approval_notes(self, approval: ApprovalRow, base: Base = "running") -> Cached[ApprovalNotesReply]:
        """The comments on an approval, the files that were viewed, and the decision."""

        def fetch() -> ApprovalNotesReply:
            return self._daemon.ask(ApprovalNotes(id=approval.id, base=base), ApprovalNotesReply)

        topic = (topics.APPROVALS, topics.config_of(approval.agent), topics.review_of(approval.id))
        return self._cache.read(f"notes {approval.id} {base}", topic, fetch)

    def undo_preview(self, number: int) -> UndoPreviewReply:
        """What the undo of a deployed change would do now."""
        return self._daemon.ask(UndoPreview(id=number), UndoPreviewReply)

    def review_part(self, number: int, base: Base, part: str, offset: int) -> PartReply:
        """A piece of what a review does not show."""
        return self._daemon.ask(ApprovalPart(id=number, base=base, part=part, offset=offset), PartReply)

    def diff_text(self, approval: ApprovalRow, base: Base = "running") -> operator_api.DiffReply:
        """The files of the review as one text, for scripts."""
        return self._daemon.ask(operator_api.ApprovalDiff(id=approval.id, base=base), operator_api.DiffReply)

    def questions(self) -> Cached[list[Question]]:
        """Every pending question and the latest of the others, oldest first."""
        return self._cache.read(
            "questions", (topics.QUESTIONS,), lambda: self._list("questions", operator_api.QuestionsReply, "questions")
        )

    def dead_letters(self) -> Cached[list[DeadLetter]]:
        """The newest dead letters, oldest first."""
        request = operator_api.Listing(cmd="dead_letters", limit=FLOW_ROWS)
        return self._cache.read(
            "dead letters", (topics.DEAD_LETTERS,), lambda: self._asked(request, DeadLettersReply, "dead_letters")
        )

    def reminders(self) -> Cached[operator_api.RemindersReply]:
        """The queued reminders, the first due first, and the deliveries of the last day."""
        return self._cache.read(
            "reminders", (topics.REMINDERS,), lambda: self._plain("reminders", operator_api.RemindersReply)
        )

    def kept_requests(self, name: str) -> list[KeptRequest]:
        """The requests of an agent or peer over which something crashed, the newest first."""
        request = operator_api.ByName(cmd="kept_requests", name=_checked(name))
        return self._asked(request, operator_api.KeptRequestsReply, "requests")

    def tombstones(self) -> Cached[list[Tombstone]]:
        """The tombstones of destroyed agents, by name."""
        return self._cache.read(
            "tombstones",
            (topics.TOMBSTONES,),
            lambda: self._list("tombstones", operator_api.TombstonesReply, "tombstones"),
        )

    def drafts(self) -> Cached[list[dict[str, Any]]]:
        """Rows {name, config_path, state_path, approval_id} of agents that are prepared and not spawned."""
        return self._cache.read(
            "drafts", (topics.DRAFTS, topics.APPROVALS), lambda: self._list("drafts", operator_api.RowsReply, "rows")
        )

    def config_text(self, name: str, *, path: str | None = None, ref: str | None = None) -> Cached[str]:
        """A file of an agent's configuration at a ref; without a path, the configuration in force."""

        def fetch() -> str:
            cmd = "agent_config" if path is None else "config_file"
            request = operator_api.ConfigQuery(cmd=cmd, name=_checked(name), path=path, ref=ref)
            return self._daemon.ask(request, operator_api.TextReply).text

        return self._cache.read(f"config {name} {path} {ref}", topics.configuration_of(name), fetch)

    def config_source(self, name: str, path: str) -> operator_api.SourceReply:
        """The exact text of a file in force, for an editor; never from the cache."""
        request = operator_api.ConfigQuery(cmd="config_source", name=_checked(name), path=path)
        return self._daemon.ask(request, operator_api.SourceReply)

    def promises(self) -> list[PromiseRow]:
        """Every promise of the hive and whether it holds now; never from the cache."""
        return self._plain("verify", operator_api.VerifyReply).promises

    def decisions(self) -> operator_api.DecisionsReply:
        """The log of decisions, oldest first, and whether it is whole."""
        return self._plain("decisions", operator_api.DecisionsReply)

    def search(self, query: str, before: str | None) -> SearchReply:
        """A page of what matches, the newest first; never from the cache."""
        try:
            request = Search(query=query, before=before)
        except ValidationError:
            hint = f"a search has at most {MAX_QUERY_CHARACTERS} characters, and its pages are reached by their links"
            raise bad_request("this cannot be searched for", hint) from None
        return self._daemon.ask(request, SearchReply)

    def causes(self, verb: Literal["why", "effects"], name: str) -> CausesReply:
        """What led to a row, or what came of it; never from the cache."""
        return self._daemon.ask(Why(name=name) if verb == "why" else Effects(name=name), CausesReply)

    def thread(self, number: int, before: int | None) -> ThreadReply:
        """A page of the conversation of a message; never from the cache."""
        return self._daemon.ask(Thread(id=number, limit=FLOW_ROWS, before=before), ThreadReply)

    def config_rows(self, cmd: ConfigList, name: str, ref: str | None = None) -> Cached[list[dict[str, Any]]]:
        """The log, the tags or the files of an agent's configuration."""

        def fetch() -> list[dict[str, Any]]:
            request = operator_api.ConfigQuery(cmd=cmd, name=_checked(name), ref=ref)
            return self._asked(request, operator_api.RowsReply, "rows")

        return self._cache.read(f"{cmd} {name} {ref}", topics.configuration_of(name), fetch)

    def config_compare(self, name: str, base: str, ref: str) -> Cached[CompareReply]:
        """The difference between two commits of an agent's configuration."""

        def fetch() -> CompareReply:
            request = operator_api.ConfigQuery(cmd="config_compare", name=_checked(name), base=base, ref=ref)
            return self._daemon.ask(request, CompareReply)

        return self._cache.read(f"config compare {name} {base} {ref}", topics.configuration_of(name), fetch)

    def state_file(self, agent: str, path: str) -> str:
        """A world-readable file below the agent's `state/`."""
        return self._daemon.ask(
            operator_api.StateFile(agent=_checked(agent), rel_path=path), operator_api.TextReply
        ).text

    def series(self, since_ms: int, agent: str | None) -> operator_api.SeriesReply:
        """Agent → key → points since a moment, as telemetry keeps them, and the costs of the last days."""
        request = operator_api.Stats(since=times.from_ms(since_ms), agent=agent and _checked(agent))
        return self._daemon.ask(request, operator_api.SeriesReply)

    def since_boot(self, agent: str) -> Totals | None:
        """What the agent has done since its harness was started; None from a daemon that does not say."""

        def fetch() -> Totals | None:
            request = operator_api.Turns(agent=agent, limit=1, totals=True)
            reply = self._daemon.ask(request, operator_api.TurnsReply)
            return reply.since_boot

        return self._cache.read(f"since boot {agent}", (topics.turns_of(agent), topics.row_of(agent)), fetch).value

    def tree(self) -> TreeNode:
        """The supervised tree. It is never cached, because its figures change without an event."""
        return self._plain("actors", operator_api.TreeReply).tree

    def started_ms(self) -> Cached[int | None]:
        """The start of the daemon, ms UTC; None when the daemon does not say."""

        def fetch() -> int | None:
            uptime = self.tree().uptime_seconds
            return None if uptime is None else self._now_ms() - round(uptime * 1000)

        return self._cache.read("started", (), fetch)

    def journal(self, name: str, lines: int) -> list[str]:
        """The last lines of an agent's own log."""
        self.agent(name)
        request = operator_api.Journal(name=_checked(name), lines=lines)
        return self._asked(request, LinesReply, "lines")

    def hosts(self, name: str) -> list[HostReport]:
        """The hosts the agent tried to reach since the daemon started, the latest first."""
        return self._asked(operator_api.ByName(cmd="hosts", name=name), operator_api.HostsReply, "hosts")

    def turns(self, agent: str, limit: int = SPARKLINE_TURNS) -> Cached[list[TurnRow]]:
        """The agent's last finished turns."""

        def fetch() -> list[TurnRow]:
            return self._asked(operator_api.Turns(agent=agent, limit=limit), operator_api.TurnsReply, "turns")

        return self._cache.read(f"turns {agent} {limit}", (topics.turns_of(agent),), fetch)

    def log(
        self,
        agent: str,
        *,
        limit: int = LOG_ROWS,
        before: int | None = None,
        after: int | None = None,
        at_ms: int | None = None,
        only: Facet | None = None,
    ) -> Cached[LogReply]:
        """A page of the agent's turn log: the last one, or that below `before`, above `after` or from `at_ms` on."""

        def fetch() -> LogReply:
            at = None if at_ms is None else times.from_ms(at_ms)
            query = {"limit": limit, "before": before, "after": after, "at": at, "only": only and only.value}
            request = operator_api.LiveHistory.model_validate({"agent": agent, **query})
            return self._daemon.ask(request, LogReply)

        key = f"log {agent} {limit} {before} {after} {at_ms} {only}"
        return self._cache.read(key, (topics.log_of(agent), topics.turns_of(agent)), fetch)

    def log_after(self, agent: str, after: int) -> LogReply:
        """What came after an event: from the feed where it reaches back far enough, else a page from the daemon."""
        remembered = self._feed.live_since(agent, after)
        if remembered is None:
            return self.log(agent, after=after).value
        return LogReply(rows=remembered, turns=list(self.turns(agent).value))

    def _list(self, cmd: str, reply: type[Reply], field: str) -> Listed[Any]:
        return self._asked(operator_api.Plain(cmd=cmd), reply, field)

    def _asked(self, request: Request, reply: type[Reply], field: str) -> Listed[Any]:
        """The rows in a field of the reply."""
        found = self._daemon.ask(request, reply)
        return listed(found, getattr(found, field))

    def _plain(self, cmd: str, reply: type[R]) -> R:
        return self._daemon.ask(operator_api.Plain(cmd=cmd), reply)

    def _listing(self, cmd: str, limit: int, before: int | None, topic: str) -> Cached[list[Message]]:
        def fetch() -> list[Message]:
            request = operator_api.Listing(cmd=cmd, limit=limit, before=before)
            return self._daemon.ask(request, MessagesReply).messages

        return self._cache.read(f"{cmd} {limit} {before}", (topic,), fetch)


def _checked(name: str) -> str:
    """`name` when it is a valid agent name, else `not_found`."""
    try:
        return names.check_agent_name(name)
    except ValueError as error:
        raise not_found(f"agent {name[:40]!r}", str(error)) from None
