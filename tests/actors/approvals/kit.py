"""Approvals on real components and real git; containers are notes in a file, so that they outlive a killed daemon."""

import json

from actors.agent.addresses import REGISTRY
from actors.agent.repos import Repositories
from actors.agent.snapshot import AgentRecord, AgentSnapshot, Desired
from actors.agent.workspace.paths import Workspace
from actors.approvals import api as approvals
from actors.approvals.context import ApprovalContext
from actors.approvals.supervisor import approvals_supervisor
from actors.supervision import Actor, Promise, resolved, settle
from harness.wire.errors import HiveError
from tests.actors.agent.repos_kit import Author
from tests.actors.agent.stock import STOCK
from tests.actors.components import Components
from tests.waiting import SECONDS, until

TOML = 'model = "haiku"\n'
ENDS = {"finalized", "failed", "closed"}
LONGEST_SECONDS = 60.0
"""What a change may wait for: a harness to become ready. What is due later is nobody's step."""


class Notes:
    """Stands where the containers stand: what each agent runs, as a file says."""

    def __init__(self, folder, repositories, clock):
        self.path = folder / "containers.json"
        self.repositories = repositories
        self.clock = clock
        self.calls = []
        self.ready_promises = []
        self.broken = set()
        """Names of calls that are refused."""

    def read(self):
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def write(self, agents):
        self.path.write_text(json.dumps(agents))

    def _call(self, what, agent):
        self.calls.append((what, agent))
        if what in self.broken:
            raise HiveError("unavailable", f"{what} is broken")

    def names(self):
        return list(self.read())

    def note_deployed(self, agent, sha):
        agents = self.read()
        if agent in agents:
            self.write(agents | {agent: agents[agent] | {"deployed": sha}})

    def run(self, agent):
        agents = self.read()
        sha = self.repositories.applied(agent).shown()
        self.write(agents | {agent: {"runs": sha, "deployed": agents.get(agent, {}).get("deployed")}})

    def rebuild(self, agent):
        self._call("rebuild", agent)
        self.run(agent)
        return resolved(None)

    def spawn(self, agent):
        self._call("spawn", agent)
        self.run(agent)

    def remove(self, agent):
        self._call("remove", agent)
        self.write({name: one for name, one in self.read().items() if name != agent})

    def ready(self, agent, since_ms):
        """A configuration that says so never becomes ready."""
        text = (self.repositories.applied(agent).folder / "agent.toml").read_text()
        if "never-ready" not in text:
            return resolved(None)
        self.ready_promises.append(Promise())
        return self.ready_promises[-1]

    def works(self, agent, sha):
        """Claude is no subject here."""
        return True


class StandInRegistry(Actor):
    """Answers who there is."""

    def __init__(self, notes):
        super().__init__()
        self.notes = notes

    def handle(self, message):
        return [
            AgentSnapshot(AgentRecord(name=name, role="agent", desired=Desired.RUNNING, created_ms=1))
            for name in self.notes.read()
        ]


class Office(Components):
    """The approvals with what they need. A second office on one folder is the hive after a restart."""

    def __init__(self, folder, *, ready_seconds=60.0):
        super().__init__(folder)
        self.workspace = Workspace(folder / "state", folder / "run")
        self.repositories = Repositories(self.workspace)
        self.notes = Notes(folder, self.repositories, self.clock)
        self.context = ApprovalContext(
            repositories=self.repositories,
            default_model="haiku",
            kept=(self.workspace.state_dir, self.workspace.run_dir),
            ready_seconds=ready_seconds,
        )
        self.boot(REGISTRY, StandInRegistry(self.notes))
        self.open()

    def open(self):
        self.boot("approvals", approvals_supervisor(self.context, self.directory, self.clock, self.notes))

    def proposer(self, by="manager"):
        return approvals.submission(self.directory, by=by, clock=self.clock)

    def author(self, name):
        return Author(self, name)

    def agent(self, name, text=TOML):
        """An agent that is there and runs, as after a spawn."""
        sha = STOCK.establish(self.repositories, name, {"agent.toml": text}, at_ms=self.clock.now_ms())
        self.notes.run(name)
        self.notes.note_deployed(name, sha)
        return self.author(name)

    def propose(self, name, text, description=None):
        """A change of an agent's configuration, submitted by the manager; its approval id and sha."""
        reply = self.proposer().apply_commit(name, self.author(name).commit({"agent.toml": text}), description)
        return reply.approval_id, reply.sha

    def approve(self, approval_id, by="operator"):
        approvals.approve(self.directory, approval_id, by=by)

    def deny(self, approval_id, note=None):
        approvals.deny(self.directory, approval_id, note, by="operator")

    def row(self, approval_id):
        return next(row for row in approvals.rows(self.directory) if row.id == approval_id)

    def stored(self, approval_id):
        from actors.approvals import queries
        from actors.store import api as store

        return store.read(self.directory, queries.one(approval_id))

    def finish(self, approval_id, seconds=SECONDS):
        """Wait until it has ended; the row. The clock is moved when somebody waits for it to move."""

        def over():
            carried = self.directory.whereis(f"approvals/deployers/{approval_id}") is not None
            if not carried and self.stored(approval_id).step.value in ENDS:
                return True
            due = self.clock.next_due()
            if due is not None and due <= LONGEST_SECONDS:
                self.clock.advance(due)
            return False

        until(over, f"approval {approval_id} has ended", seconds)
        settle()
        return self.row(approval_id)

    def events(self):
        return [json.loads(message.body) for message in self.mail("manager")]

    def disagreement(self, name):
        """What of branch, files, tags, history, roster and container does not agree; empty when all do."""
        applied = self.repositories.applied(name)
        sha = applied.in_force()
        running = self.notes.read().get(name)
        meta = self.repositories.meta.deployed().get(name)
        found = {
            "files": applied.shown(),
            "runs": running and running["runs"],
            "row": running and running["deployed"],
            "meta": meta and meta["sha"],
            "tagged": meta and applied.git.tip(f"refs/tags/{meta['tag']}"),
        }
        return {what: (value, sha) for what, value in found.items() if value != sha}
