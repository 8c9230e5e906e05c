"""A stand-in for the daemon's web.sock: the models of the wire over sample rows, and an event stream on demand.

It runs in ordinary threads, so that it works beside a patched process and inside an unpatched test. It is also a
program for looking at the pages: `python -m tests.web.fake_daemon /tmp/web.sock` plays a busy hive.
"""

import contextlib
import itertools
import os
import queue
import socket
import socketserver
import threading
import time
from pathlib import Path

from actors.triage.api import Snooze
from harness.wire import framing, operator_api, times
from harness.wire.agent_api import LinesReply, Message, MessagesReply, SendReply
from harness.wire.errors import HiveError, not_found
from harness.wire.model import Done
from harness.wire.names import broker_name
from harness.wire.needs import LatencyRow
from harness.wire.operator_rows import AgentRow, KeptRequest, SessionRow, TreeNode, TurnRow
from harness.wire.parse import parse_request
from tests.web import sample_rows
from tests.web.answers.causes import causes_reply, thread_reply
from tests.web.answers.decisions import FakeDecisions
from tests.web.answers.harness import WELL, obey
from tests.web.answers.inbox import flow, inbox_reply, marked_read, page_of
from tests.web.answers.log import log_reply, totals
from tests.web.answers.needs import deferred, needs_reply
from tests.web.answers.search import search_reply
from tests.web.answers.terminals import terminals_reply


class FakeDaemon:
    """The daemon as the web process sees it. Every field is public, so that a test can set it."""

    def __init__(self, path: Path, *, now_ms=None):
        self.path = path
        self.now_ms = now_ms or (lambda: time.time_ns() // 1_000_000)
        self.epoch = f"e{time.monotonic_ns()}"
        self.seq = 0
        self.events: list[dict] = []
        self.listeners: list[queue.Queue] = []
        self.asked: list[dict] = []
        self.refuse: dict[str, HiveError] = {}
        self.agents: dict[str, AgentRow] = {}
        self.messages: list[Message] = []
        self.turns: list[TurnRow] = []
        self.live: list[dict] = []
        self.journals: dict[str, list[str]] = {}
        self.decisions = FakeDecisions(self)
        self.snoozes: dict[str, Snooze] = {}
        self.latency = LatencyRow(days=30, count=0)
        self.tree = TreeNode(name="hive", kind="supervisor", state="running", uptime_seconds=12.0)
        self.ids = itertools.count(1)
        self.sessions: dict[str, SessionRow] = {}
        self.kept_requests: dict[str, list[KeptRequest]] = {}
        self.given: dict[str, list[int]] = {}
        """Turns by name, with the messages that each was given."""
        self.lock = threading.RLock()
        self._server = None

    # ---- life ---------------------------------------------------------------------------------

    def start(self):
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        fake = self

        class Connection(socketserver.StreamRequestHandler):
            def handle(self):
                fake._serve(self)

        self._server = _Server(str(self.path), Connection)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self):
        """End like a killed daemon: the socket and every connection disappear."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        self._server = None
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def restart(self, *, new_epoch=True):
        self.stop()
        if new_epoch:
            self.epoch, self.seq, self.events = f"e{time.monotonic_ns()}", 0, []
        self.start()

    # ---- what happens -------------------------------------------------------------------------

    def emit(self, kind, data):
        with self.lock:
            self.seq += 1
            line = {"seq": self.seq, "at": times.from_ms(self.now_ms()), "kind": kind, "data": data}
            self.events.append(line)
            for listener in self.listeners:
                listener.put(line)

    def set_agent(self, name, **changes):
        """Change or add the row of an agent, with its event."""
        with self.lock:
            row = self.agents.get(name) or AgentRow(name=name)
            self.agents[name] = row.model_copy(update=changes)
            self.emit("agent", self.agents[name].as_frame())

    def say(self, sender, to, body, **more):
        """Deliver a message, with its event."""
        with self.lock:
            mail = Message.model_validate(
                {
                    "id": next(self.ids),
                    "from": sender,
                    "to": to,
                    "body": body,
                    "sent_at": times.from_ms(self.now_ms()),
                    **more,
                }
            )
            self.messages.append(mail)
            self.emit("message", mail.as_frame())
            return mail

    def happen(self, agent, event):
        """Publish a live event of an agent's harness."""
        with self.lock:
            row = {"agent": agent, "id": len(self.live) + 1, "at": times.from_ms(self.now_ms()), "event": event}
            self.live.append(row)
            self.emit("live", row)
            return row

    # ---- what is asked ------------------------------------------------------------------------

    def _serve(self, connection):
        for line in connection.rfile:
            try:
                frame = framing.decode(line)
                self.asked.append(frame)
                request = parse_request(frame, operator_api.WEB_VERBS)
                if request.cmd in self.refuse:
                    raise self.refuse[request.cmd]
                if request.cmd == "events":
                    self._stream(connection, request)
                    return
                reply = self._answer(request).as_reply()
            except HiveError as error:
                reply = error.as_reply()
            with contextlib.suppress(OSError):
                connection.wfile.write(framing.encode(reply))

    def _answer(self, request):
        with self.lock:
            decided = self.decisions.answer(request) or deferred(self, request)
        if decided is not None:
            return decided
        if (shown := terminals_reply(self, request)) is not None:
            return shown
        if request.cmd in {"why", "effects", "thread"}:
            return (thread_reply if request.cmd == "thread" else causes_reply)(self, request)
        match request.cmd:
            case "agent_status":
                named = None if request.agents is None else set(map(broker_name, request.agents))
                rows = [row for name, row in self.agents.items() if named is None or name in named]
                return operator_api.AgentStatusReply(agent_statuses=rows[request.skip :])
            case "needs":
                return needs_reply(self)
            case "list":
                return operator_api.NamesReply(agents=list(self.agents))
            case "messages":
                return MessagesReply(messages=page_of(flow(self.messages, request), request))
            case "inbox" | "unread_mail":
                return inbox_reply(self.messages, request)
            case "mark_read":
                self.messages, reply = marked_read(self.messages, request)
                self.emit("mail_read", {})
                return reply
            case "search":
                return search_reply(self.messages, request)
            case "actors":
                return operator_api.TreeReply(tree=self.tree)
            case "journal":
                return LinesReply(lines=self.journals.get(request.name, [])[-request.lines :])
            case "turns":
                mine = [turn for turn in self.turns if turn.agent == request.agent]
                return operator_api.TurnsReply(turns=mine[-request.limit :], since_boot=totals(mine, request))
            case "live_history":
                return log_reply(self, request)
            case "send":
                if broker_name(request.to) not in ("operator", "manager", "*") and request.to not in self.agents:
                    raise not_found(f"recipient {request.to!r}", "hive agents lists them")
                return SendReply(
                    id=self.say("operator", broker_name(request.to), request.body, in_reply_to=request.in_reply_to).id
                )
            case "set_paused":
                self.set_agent(self._known(request.name), paused=request.paused)
            case "start" | "restart":
                name = request.scope.agent_names[0] if request.cmd == "start" else request.name
                self.set_agent(self._known(name), running=True, failed=False, transient=None, **WELL)
            case "stop":
                self.set_agent(self._known(request.scope.agent_names[0]), running=False, state="stopped")
            case "destroy":
                self.agents.pop(self._known(request.name))
                self.emit("agent_removed", {"name": request.name})
            case "agent_control":
                obey(self, self._known(request.name), request.action, request.value)
            case "open_session":
                return self._open_session(request)
            case "check_session":
                if request.digest not in self.sessions:
                    raise not_found("such session", "log in again")
                return operator_api.SessionReply(session=self.sessions[request.digest])
            case "kept_requests":
                return operator_api.KeptRequestsReply(requests=self.kept_requests.get(request.name, []))
            case "lift_suspension":
                self.set_agent(self._known(request.name), suspended=None)
            case "sessions":
                return operator_api.SessionsReply(sessions=list(self.sessions.values()))
            case "end_session":
                self.end_session(request.id)
            case _:
                self._known(request.name)
        return Done()

    def _open_session(self, request):
        now = self.now_ms()
        row = SessionRow(
            id=next(self.ids),
            opened_at=times.from_ms(now),
            seen_at=times.from_ms(now),
            ends_at=times.from_ms(now + 3_600_000),
            address=request.address,
            user_agent=request.user_agent,
        )
        self.sessions[request.digest] = row
        self.emit("session", row.as_frame())
        return operator_api.SessionReply(session=row)

    def end_session(self, number):
        """End a session, with its event."""
        ended = [digest for digest, row in self.sessions.items() if row.id == number]
        if not ended:
            raise not_found(f"session {number}")
        del self.sessions[ended[0]]
        self.emit("session_ended", {"id": number})

    def _known(self, name):
        name = broker_name(name)
        if name not in self.agents:
            raise not_found(f"agent {name!r}", "hive agents lists them")
        return name

    def _stream(self, connection, request):
        inbox = queue.Queue()
        with self.lock:
            since = request.since_seq
            resumable = since is not None and since <= self.seq
            first = since if resumable else self.seq
            for line in self.events[first:]:
                inbox.put(line)
            self.listeners.append(inbox)
        try:
            connection.wfile.write(framing.encode(operator_api.EventsReply(seq=first, epoch=self.epoch).as_reply()))
            while connection.server is self._server:
                with contextlib.suppress(queue.Empty):
                    connection.wfile.write(framing.encode(inbox.get(timeout=0.1)))
        except OSError:
            pass
        finally:
            with contextlib.suppress(ValueError):
                self.listeners.remove(inbox)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, *args):
        self._open = set()
        super().__init__(*args)

    def process_request(self, request, client_address):
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self):
        for request in list(self._open):
            with contextlib.suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        pass


def main():
    import sys

    path = Path(sys.argv[1])
    fake = FakeDaemon(path).start()
    sample_rows.populate(fake)
    print(f"fake daemon on {path}, pid {os.getpid()}", flush=True)
    sample_rows.play(fake)


if __name__ == "__main__":
    main()
