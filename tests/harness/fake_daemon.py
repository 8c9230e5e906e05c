"""A daemon as the harness sees it: a real unix socket, real frames, real leases, no database."""

import contextlib
import socket
import socketserver
import threading
from collections import deque
from itertools import count

from harness.wire.agent_api import AGENT_VERBS, ALL_VERBS, MANAGER_VERBS, MAX_WAIT_SECONDS, PEER_VERBS
from harness.wire.errors import HiveError
from harness.wire.framing import decode, encode
from harness.wire.limits import SET_ASIDE_AFTER
from harness.wire.parse import parse_request
from tests.waiting import SECONDS

VERBS = {"agent": AGENT_VERBS, "manager": MANAGER_VERBS, "peer": PEER_VERBS}
NOW = "2030-01-01T00:00:00.000Z"


class FakeDaemon:
    """Thread-safe; `wait` blocks until something is true of it."""

    def __init__(self, path, *, name="alice", role="agent", verbs=None):
        self.path, self.name, self.role = path, name, role
        self.verbs = sorted(VERBS[role]) if verbs is None else verbs
        self.changed = threading.Condition()
        self.requests, self.events, self.turns, self.sent, self.acked, self.dead = [], [], [], [], [], []
        self.commands = deque()
        self.paused = False
        self.canned = {}
        self.drop_next = {}
        self._ids = count(1)
        self._inbox, self._leased = [], []
        self._server = None

    # ---- the test's side ----

    def start(self):
        self.path.unlink(missing_ok=True)
        self._server = _Server(str(self.path), _Connection)
        self._server.daemon = self
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self):
        server, self._server = self._server, None
        with self.changed:
            self.changed.notify_all()
        server.shutdown()
        server.hang_up()
        server.server_close()
        self.path.unlink(missing_ok=True)

    def deliver(self, body, sender="operator", **more):
        with self.changed:
            message = {"id": next(self._ids), "from": sender, "to": self.name, "body": body, "sent_at": NOW, **more}
            self._inbox.append(message)
            self.changed.notify_all()
            return message["id"]

    def command(self, action, value=None):
        with self.changed:
            self.commands.append({"action": action, "value": value})
            self.changed.notify_all()

    def pause(self, paused):
        with self.changed:
            self.paused = paused
            self.commands.append({"action": "pause" if paused else "resume", "value": None})
            self.changed.notify_all()

    def wait(self, true, seconds=SECONDS, what=""):
        with self.changed:
            if not self.changed.wait_for(lambda: true(self), seconds):
                last = [event for event in self.events if event["kind"] != "stream"][-15:]
                raise AssertionError(f"waited {seconds} s for {what or true}; last events: {last}; turns: {self.turns}")
        return self

    def wait_turns(self, number, seconds=SECONDS):
        self.wait(lambda daemon: len(daemon.turns) >= number, seconds, f"{number} turns")
        return self.turns[number - 1]

    def wait_state(self, state, seconds=SECONDS):
        self.wait(lambda daemon: daemon.state == state, seconds, f"state {state}")

    @property
    def state(self):
        return next((event["state"] for event in reversed(self.events) if event["kind"] == "state"), None)

    def notify(self, *_):
        """Something else that a waiter looks at has changed."""
        with self.changed:
            self.changed.notify_all()

    def notes(self):
        return [event["text"] for event in self.events if event["kind"] == "note"]

    def failures(self):
        return [request for request in self.requests if request["cmd"] == "fail_turn"]

    def cmds(self):
        return [request["cmd"] for request in self.requests]

    # ---- the harness's side ----

    def answer(self, frame, gone):
        try:
            request = parse_request(frame, ALL_VERBS).as_frame()
        except HiveError as error:
            return error.as_reply()
        with self.changed:
            self.requests.append(request)
            self.changed.notify_all()
            if request["cmd"] in self.canned:
                reply = self.canned[request["cmd"]]
                return reply.as_reply() if isinstance(reply, HiveError) else {"version": 1, "ok": True, **reply}
            reply = getattr(self, f"_{request['cmd']}", self._any)(request, gone)
            return {"version": 1, "ok": True, **reply}

    def _any(self, request, _gone):
        """Some reply to a verb that no test has an opinion about: a value of the right type for each field."""
        fields = ALL_VERBS[request["cmd"]].reply.model_json_schema(by_alias=True).get("properties", {})
        values = {"string": NOW, "integer": next(self._ids), "number": 1.0, "boolean": True, "array": [], "object": {}}
        return {name: values.get(field.get("type")) for name, field in fields.items()}

    def _recv(self, request, gone):
        wait = min(MAX_WAIT_SECONDS, request.get("wait_seconds", 0))
        self.changed.wait_for(lambda: self._inbox or gone() or self._server is None, wait)
        taken = [] if gone() else self._inbox[: request.get("max", 1)]
        self._inbox = self._inbox[len(taken) :]
        self._leased += taken
        return {"messages": taken, "remaining": len(self._inbox)}

    def _ack_turn(self, request, gone):
        self.acked += [message["id"] for message in self._leased]
        number, self._leased = len(self._leased), []
        self.changed.notify_all()
        return {"acked": number}

    def _requeue_inflight(self, request, gone):
        back, self._leased = [{**message, "redelivered": True} for message in self._leased], []
        self._inbox = back + self._inbox
        self.changed.notify_all()
        return {"requeued": len(back)}

    def _fail_turn(self, request, gone):
        for message in self._leased:
            message["attempts"] = message.get("attempts", 0) + 1
            message["counted"] = message.get("counted", 0) + (not request.get("outage"))
        dead = [message for message in self._leased if message["counted"] >= SET_ASIDE_AFTER]
        self._leased = [message for message in self._leased if message not in dead]
        self.dead += [message["id"] for message in dead]
        self.changed.notify_all()
        return {
            "attempts": max((message["counted"] for message in self._leased), default=0),
            "set_aside": [message["id"] for message in dead],
        }

    def _status(self, request, gone):
        return {"pending": len(self._inbox), "leased": len(self._leased)}

    def _recent(self, request, gone):
        return {"messages": (self._leased + self._inbox)[: request.get("limit", 30)]}

    def _send(self, request, gone):
        self.sent.append(request)
        self.changed.notify_all()
        if request["to"] == "*":
            return {"ids": [next(self._ids), next(self._ids)], "recipients": ["bob", "manager"]}
        return {"id": next(self._ids)}

    def _control(self, request, gone):
        self.changed.wait_for(lambda: self.commands or gone() or self._server is None, request.get("wait_seconds", 0))
        commands, self.commands = list(self.commands), deque()
        return {"commands": commands, "paused": self.paused}

    def _publish(self, request, gone):
        self.events += request["events"]
        self.changed.notify_all()
        return {"stored": len(request["events"])}

    def _turn_ended(self, request, gone):
        self.turns.append(request["stats"])
        self.changed.notify_all()
        return {}

    def _whoami(self, request, gone):
        return {"name": self.name, "role": self.role, "verbs": self.verbs}

    def _loose_ends(self, request, gone):
        return {"questions": [], "reminders": []}

    def _remind(self, request, gone):
        return {"id": next(self._ids), "due_at": NOW}

    def _id(self, request, gone):
        return {"id": next(self._ids)}

    def _approval(self, request, gone):
        return {"approval_id": next(self._ids)}

    def _done(self, request, gone):
        return {}

    def _lines(self, request, gone):
        return {"lines": ["a line of the log"]}

    def _draft(self, request, gone):
        return {"config_path": "/agents/x/config", "state_path": "/agents/x/state"}

    _ask = _wake = _id
    _answer = _cancel = _set_status = _start = _kill = _restart = _update = _done
    _request_spawn = _request_spawn_commit = _request_apply_commit = _approval
    _request_spawn_draft, _get_logs = _draft, _lines


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    daemon: FakeDaemon

    def __init__(self, *args):
        super().__init__(*args)
        self.open = set()

    def hang_up(self):
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(2)

    def handle_error(self, request, client_address):
        pass


class _Connection(socketserver.StreamRequestHandler):
    def handle(self):
        daemon = self.server.daemon
        self.server.open.add(self.request)
        try:
            for line in self.rfile:
                frame = decode(line)
                if daemon.drop_next and all(frame.get(key) == value for key, value in daemon.drop_next.items()):
                    daemon.drop_next = {}
                    daemon.answer({**frame, "wait_seconds": 0} if "wait_seconds" in frame else frame, lambda: False)
                    return
                self.wfile.write(encode(daemon.answer(frame, self._gone)))
        finally:
            self.server.open.discard(self.request)

    def _gone(self):
        """Whether the client hung up, or the daemon is ending."""
        if self.server.daemon._server is not self.server:
            return True
        try:
            return self.request.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
