"""Agents, approvals and the operator's verbs on real components; the runtime is a stand-in."""

import json

from actors.agent.addresses import container_actor
from actors.agent.container.messages import HarnessEvents
from actors.agent.registry import api as agents
from actors.agent.repos import Repositories
from actors.approvals import api as approvals
from actors.approvals import queries
from actors.approvals.context import ApprovalContext
from actors.approvals.messages import QUEUE
from actors.approvals.supervisor import approvals_spec
from actors.daemon_settings import DaemonSettings
from actors.gateway import surface
from actors.gateway.context import OperatorContext
from actors.routes import handler
from actors.store import api as store
from actors.supervision import Supervisor, settle
from harness.wire.operator_api import HOST_VERBS
from harness.wire.parse import parse_request
from tests.actors.agent.hive_parts import AgentHive
from tests.actors.agent.repos_kit import Author
from tests.waiting import until


class Operator:
    uid = 1000


class Hive(AgentHive):
    """Agents, approvals and the operator's verbs; `serve` is what a harness does when it is up."""

    name_check = staticmethod(queries.check_not_being_spawned)
    subscribers = (QUEUE,)

    def __init__(self, **more):
        super().__init__(**more)
        self.troubles = {}
        self.runtime.on_start = self.check
        self.config = config = DaemonSettings(state_dir=self.place / "state", run_dir=self.place / "run")
        self.repositories = Repositories(self.workspace)
        self.canary = self.place / "canary"
        self.open_approvals()
        self.answer = handler(surface.ROUTES, OperatorContext(self.directory, config, self.clock))

    def open_approvals(self):
        spec = approvals_spec(ApprovalContext.of(self.config, self.context), self.directory, self.clock)
        supervisor = spec.start()
        assert isinstance(supervisor, Supervisor)
        self.boot("approvals", supervisor)

    def check(self, launch):
        """What a harness says first where its configuration is new; None in `troubles`: it says nothing."""
        if "HIVE_CHECK" in launch.env:
            name = launch.paths.name
            said = {"kind": "checked", "sha": launch.env["HIVE_CHECK"], "reason": self.troubles.get(name)}
            if name not in self.troubles or said["reason"] is not None:
                self.directory.tell(container_actor(name), HarnessEvents((said,)))

    def author(self, name):
        return Author(self, name)

    def verb(self, cmd, **arguments):
        return self.answer(parse_request({"cmd": cmd, **arguments}, HOST_VERBS), Operator())

    def status(self, number):
        return next(row.status for row in approvals.rows(self.directory) if row.id == number)

    def resolved(self):
        """The events the manager got, and its kicks left out."""
        return [json.loads(message.body) for message in self.mail("manager") if message.kind == "event"]

    def launched(self, count):
        until(lambda: len(self.runtime.launches) >= count)
        return json.loads(self.runtime.launches[-1].paths.config_json.read_text())

    # ---- one proposal ----------------------------------------------------------------------------------

    def propose(self, name, model):
        """A change of an agent by the manager; its id and commit."""
        sha = self.author(name).commit({"agent.toml": f'model = "{model}"\n'})
        reply = approvals.submission(self.directory, by="manager", clock=self.clock).apply_commit(name, sha, None)
        return reply.approval_id, reply.sha

    def propose_spawn(self, name, model):
        """A new agent, by way of a draft."""
        proposer = approvals.submission(self.directory, by="manager", clock=self.clock)
        proposer.draft(name)
        sha = self.author(name).commit({"agent.toml": f'model = "{model}"\n'})
        return proposer.spawn_commit(name, sha, None).approval_id, sha

    def until_waiting(self, number):
        """Wait until its deployer waits for the harness."""
        deployer = f"approvals/deployers/{number}"
        until(lambda: (one := self.directory.actor(deployer)) and one.state_word() == "waiting for the harness")

    def stored(self, number):
        return store.read(self.directory, queries.one(number))

    def ended_already(self, number):
        """Whether nothing is left to do."""
        return self.stored(number).step.value in ("finalized", "failed", "closed")

    def ended(self, number):
        """Its row, when nothing is left to do."""
        until(lambda: self.ended_already(number))
        settle()
        return next(row for row in approvals.rows(self.directory) if row.id == number)

    def agree(self, name, sha):
        """Branch, files, history, roster and the container that runs are at this commit."""
        applied = self.repositories.applied(name)
        model = applied.text(sha, "agent.toml")
        running = json.loads(self.workspace.of(name).config_json.read_text())["model"]
        until(lambda: agents.row(self.directory, name).deployed_sha == sha[:12])
        assert (applied.in_force(), applied.shown(), self.repositories.meta.deployed()[name]["sha"]) == (sha,) * 3
        assert f'model = "{running}"' in model
        assert name in self.runtime.alive
