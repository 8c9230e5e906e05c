"""A real hive whose daemon kills itself at a moment of an approval, and what must agree after its next start."""

import contextlib
import json
import signal
import tomllib
from pathlib import Path

import psutil

from actors.agent.repos import Repositories, history
from actors.agent.workspace.paths import Workspace
from actors.cli.client import DaemonClient
from harness.wire.errors import HiveError
from tests.actors.agent.repos_kit import Author
from tests.campaigns.real_hive import SECONDS, RealHive, _argv, _environ

ENDS = ("finalized", "failed", "closed")
MUTE = "import time\ntime.sleep(3600)\n"
"""Python runs this before the harness, which then lives and never asks for mail."""


class DyingHive(RealHive):
    """Every agent's configuration has a word of its own, which its container shows."""

    def __init__(self):
        super().__init__()
        self.argv = [self.argv[0], "-m", "tests.campaigns.dying_daemon", str(self.file)]
        self.repositories = Repositories(Workspace(self.state, self.run))
        self.orders = self.folder / "orders.json"

    # ---- proposing and deciding -----------------------------------------------------------------------

    def manager(self, cmd, **arguments):
        """A request of the manager, on its own socket. It rests before and after: a paused agent asks for nothing."""
        self.ask("set_paused", name="manager", paused=False)
        with DaemonClient(self.run / "manager" / "hive.sock", reply_seconds=SECONDS) as manager:
            reply = manager.request(cmd, **arguments)
        self.ask("set_paused", name="manager", paused=True)
        return reply

    def propose(self, agent, word, *, mute=False, spawn=False):
        """The id and the commit of a proposal that has `word` in it."""
        text = f'warm_seconds = 0\n[env]\nWORD = "{word}"\n'
        if spawn:
            self.manager("request_spawn_draft", name=agent)
        if mute:
            folder = self.repositories.workspace.of(agent).state / "mute"
            folder.mkdir(exist_ok=True)
            (folder / "sitecustomize.py").write_text(MUTE)
            text += f'PYTHONPATH = "/agents/{agent}/state/mute"\n'
        sha = Author(self, agent).commit({"agent.toml": text})
        if spawn:
            return self.manager("request_spawn_commit", name=agent, commit_ref=sha)["approval_id"], sha
        return self.manager("request_apply_commit", agent=agent, commit_ref=sha)["approval_id"], sha

    def die_deciding(self, verb, number, moment, **orders):
        """Decide, let the daemon die at `moment`, start the next one; decide again if nothing was stored."""
        self.remember()
        self.orders.write_text(json.dumps({"die_at": moment, **orders}))
        with contextlib.suppress(HiveError):
            self.ask(verb, id=number)
        assert self.daemon.wait(SECONDS) == -signal.SIGKILL
        self.orders.write_text(json.dumps({key: one for key, one in orders.items() if key == "ready_seconds"}))
        self.start()
        if self.approval(number)["step"] == "filed":
            self.ask(verb, id=number)

    def in_force(self, agent):
        """Commit and word of what is in force."""
        applied = self.repositories.applied(agent)
        sha = applied.in_force()
        return sha, tomllib.loads(applied.text(sha, "agent.toml"))["env"]["WORD"]

    def approval(self, number):
        return self.query("SELECT * FROM approvals WHERE id = ?", number)[0]

    def ended(self, number):
        """Its row, when nothing is left to do."""
        self.until(lambda: self.approval(number)["step"] in ENDS)
        return self.approval(number)

    # ---- what must agree ------------------------------------------------------------------------------

    def check_tags(self, agent, number, sha, *marks):
        """It has these tags and no others, all at its commit."""
        there = {row["tag"]: row["sha"] for row in history.tags(self.repositories.applied(agent))}
        assert {tag: at for tag, at in there.items() if tag.endswith(f"/{number}")} == {
            f"{mark}/{number}": sha for mark in marks
        }

    def check_history(self, agent, number, times):
        """How many deployments of it the history of the swarm holds."""
        subjects = self.repositories.meta.git.run("log", "--format=%s", "main").splitlines()
        assert sum(one.startswith(f"deploy {agent} deployed/{number} ") for one in subjects) == times

    def check_told(self, since, *told):
        """The manager got these events, once each, and no others since it had `since` of them."""
        news = [one for one in self.mail_of_manager()[since:] if one["event"] != "restart_planned"]
        assert [(one["event"], one.get("ok")) for one in news] == list(told), news

    def check_runs(self, agent, sha, word):
        """Branch, files, history, roster, database and the container that runs say the same commit."""
        self.until(lambda: self.row(agent)["state"] == "idle")
        applied = self.repositories.applied(agent)
        meta = self.repositories.meta.deployed()[agent]
        assert {
            "branch": applied.in_force(),
            "files": applied.shown(),
            "history": meta["sha"],
            "tag": applied.git.tip(f"refs/tags/{meta['tag']}"),
            "database": self.query("SELECT deployed_sha FROM agents WHERE name = ?", agent)[0]["deployed_sha"],
        } == dict.fromkeys(("branch", "files", "history", "tag", "database"), sha)
        row = self.row(agent)
        assert (row["deployed_sha"], row["needs_update"], row["running"]) == (sha[:12], False, True)
        (harness,) = self.harnesses(agent)
        assert f"WORD={word}" in _environ(harness)
        shown = json.loads(Path(f"/proc/{harness.pid}/root/run/hive/agent.json").read_text())
        assert shown["env"]["WORD"] == word
        assert self.container(agent).pid in _line(harness)

    def check_gone(self, agent):
        """The agent is nowhere; its proposed repository is kept."""
        applied = self.repositories.applied(agent)
        assert (applied.in_force(), applied.shown()) == (None, None)
        assert agent not in self.repositories.meta.deployed()
        assert self.query("SELECT 1 FROM agents WHERE name = ?", agent) == []
        assert agent not in self.ask("list")["agents"]
        assert self.harnesses(agent) == []
        assert agent in [draft["name"] for draft in self.ask("drafts")["rows"]]

    def check_nothing_else_runs(self):
        """Every process of this hive's agents is in the one container of its agent, or is just ending."""
        self.until(lambda: not self.strays())

    def strays(self):
        """Processes of agents that are in no container."""
        containers = {self.container(record.parent.name).pid for record in self.run.glob("agents/*/container.json")}
        return [one for one in self.processes() if not containers & _line(one)]

    def processes(self):
        """Every process inside a container of this hive, wherever it is now: only those see a folder of its sockets."""
        folders = {(one.stat().st_dev, one.stat().st_ino) for one in self.run.rglob("*") if one.is_dir()}
        return [one for one in psutil.process_iter() if _sockets(one) in folders]

    def harnesses(self, agent):
        """The running harnesses of this agent, without children that are about to run another program."""
        found = [one for one in self.processes() if f"HIVE_NAME={agent}" in _environ(one) and _is_harness(one)]
        return [one for one in found if not _line(one) & {other.pid for other in found if other != one}]


def _sockets(process):
    """Which folder a process sees where an agent has its sockets; None where there is none."""
    with contextlib.suppress(OSError):
        found = Path(f"/proc/{process.pid}/root/run/hive").stat()
        return found.st_dev, found.st_ino
    return None


def _is_harness(process):
    return "harness.main" in _argv(process)[1:8]


def _line(process):
    """Its pid and those of its ancestors."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return {process.pid, *(one.pid for one in process.parents())}
    return {process.pid}
