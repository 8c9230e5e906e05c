"""A whole hive as its owner runs it: the real daemon process, real containers, the real Claude CLI, a scripted model."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from actors.cli.client import DaemonClient
from harness.rehearsal.script import Rule
from harness.rehearsal.server import Rehearsal
from harness.wire.errors import HiveError

SECONDS = 120.0
"""Far more than any single step takes on a loaded machine: reaching it means that the step never comes."""
ROOT = Path(__file__).parents[2]
ANSWER = {"when": "<message ", "steps": [{"say": "Done."}]}
KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")


class RealHive:
    """Use as a context manager. `start` and `kill` may follow each other; nothing is left at the end."""

    def __init__(self, *rules, runtime="bwrap", web=False, place=None, **settings):
        self.folder = Path(tempfile.mkdtemp(prefix="hive-", dir=place))
        self.asked = threading.Condition()
        self.questions = []
        """(when, agent, the text that opened its turn, the answer's place in the turn), for each request."""
        self.model = Rehearsal([Rule.model_validate(one) for one in (*rules, ANSWER)], watch=self._noted)
        self.state, self.run = self.folder / "state", self.folder / "run"
        self.ids = set()
        self.daemon = None
        self.env = {}
        (self.folder / "api-key").write_text("rehearsal\n")
        settings = {
            "state_dir": str(self.state),
            "run_dir": str(self.run),
            "runtime": runtime,
            "web_port": _free_port() if web else 0,
            "claude_base_url": self.model.url,
            "claude_api_key_file": str(self.folder / "api-key"),
            "grace_seconds": 3,
            **settings,
        }
        self.settings = settings
        self.file = self.folder / "hive.toml"
        self.file.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
        self.argv = [sys.executable, "-m", "actors.cli", "serve", "--config", str(self.file)]

    def __enter__(self):
        self.model.start()
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    # ---- the daemon -----------------------------------------------------------------------------------

    def start(self):
        """Seconds until it was ready."""
        began = time.monotonic()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as notified:
            notified.bind(address := str(self.folder / "notify"))
            with (self.folder / "daemon.log").open("ab") as log:
                self.daemon = subprocess.Popen(
                    self.argv, env=self.environment() | {"NOTIFY_SOCKET": address}, cwd=ROOT, start_new_session=True,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                )  # fmt: skip
            pidfd = os.pidfd_open(self.daemon.pid)
            try:
                while True:
                    ready, _, _ = select.select([notified, pidfd], [], [], SECONDS)
                    assert notified in ready, f"the daemon did not get ready:\n{self.log_tail()}"
                    if b"READY=1" in notified.recv(4096):
                        break
            finally:
                os.close(pidfd)
                os.unlink(address)
        return time.monotonic() - began

    def environment(self):
        """The environment of the daemon: of this process only what every program needs."""
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return kept | {"HOME": str(self.folder), "PYTHONPATH": str(ROOT), **self.env}

    def kill(self):
        """SIGKILL, as the kernel or a power cut would."""
        self.remember()
        self.daemon.kill()
        self.daemon.wait()

    def stop(self):
        self.daemon.terminate()
        return self.daemon.wait(SECONDS)

    def log_tail(self, lines=30):
        return "\n".join((self.folder / "daemon.log").read_text(errors="replace").splitlines()[-lines:])

    # ---- asking ---------------------------------------------------------------------------------------

    def ask(self, cmd, **arguments):
        with DaemonClient(self.run / "host.sock", reply_seconds=SECONDS) as daemon:
            return daemon.request(cmd, **arguments)

    def events(self):
        """A connection to the stream of operator events; tried again while the daemon is not there."""
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                client = DaemonClient(self.run / "host.sock")
                client.request("events")
            except HiveError:
                assert time.monotonic() < deadline, "the daemon does not come back"
                select.select([], [], [], 0.02)
            else:
                return client

    def until(self, holds, seconds=SECONDS):
        """Wait until `holds()`; looks after every event of the hive, and at its latest every tenth of a second."""
        deadline = time.monotonic() + seconds
        with contextlib.ExitStack() as stack:
            client = None
            while not (found := holds()):
                assert time.monotonic() < deadline, (
                    f"what is waited for did not happen in {seconds:g} s:\n{self.log_tail()}"
                )
                try:
                    if client is None:
                        client = stack.enter_context(DaemonClient(self.run / "host.sock"))
                        client.request("events")
                    client.waiting(0.1)
                except HiveError:
                    client = None
                    select.select([], [], [], 0.05)
            return found

    def row(self, name):
        return next(one for one in self.ask("agent_status")["agent_statuses"] if one["name"] == name)

    def node(self, path):
        node = self.ask("actors")["tree"]
        for part in path.split("/"):
            node = next(child for child in node["children"] if child["name"] == part)
        return node

    def spawn(self, *names):
        for name in names:
            self.ask("spawn", name=name)
        self.until(lambda: all(self.row(name)["state"] == "idle" for name in names))

    def send(self, to, body):
        return self.ask("send", to=to, body=body)["id"]

    def done(self, *ids):
        """Wait until these messages are acknowledged; when that was seen."""
        self.until(lambda: all(self.message(id_)["acked_at"] for id_ in ids))
        return time.monotonic()

    def message(self, id_):
        return self.query("SELECT * FROM messages WHERE id = ?", id_)[0]

    def query(self, text, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.state}/db/hive.sqlite?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(text, values)]

    def mail_of_manager(self):
        events = self.query(
            "SELECT body, sent_at FROM messages WHERE recipient = 'manager' AND kind = 'event' ORDER BY id"
        )
        return [json.loads(one["body"]) | {"sent_at": one["sent_at"]} for one in events]

    # ---- the model ------------------------------------------------------------------------------------

    def _noted(self, dialogue, _step):
        with self.asked:
            self.questions.append((time.monotonic(), dialogue.agent, dialogue.opening, dialogue.position))
            self.asked.notify_all()

    def openings(self, word):
        """The texts with `word` that opened turns, one for each time the model was asked to begin one."""
        return [opening for _, _, opening, position in self.questions if word in opening and position == 0]

    def until_asked(self, word, times=1):
        """Wait until a turn about `word` is in the middle: the model is asked and has not answered."""
        with self.asked:
            assert self.asked.wait_for(lambda: len(self.openings(word)) >= times, SECONDS), self.log_tail()

    # ---- processes ------------------------------------------------------------------------------------

    def container(self, name):
        record = json.loads((self.run / "agents" / name / "container.json").read_text())
        self.ids.add(record["id"])
        return psutil.Process(record["pid"])

    def below(self, name, word):
        """The process inside a container whose command line holds `word`, the deepest one."""
        found = [
            one for one in self.container(name).children(recursive=True) if any(word in part for part in _argv(one))
        ]
        return found[-1] if found else None

    def harness(self, name):
        return self.below(name, "harness.main")

    def claude(self, name):
        return self.below(name, "_bundled/claude")

    def remember(self):
        """Note the present containers, so that their leftovers can be found."""
        for record in self.run.glob("agents/*/container.json"):
            with contextlib.suppress(OSError, ValueError):
                self.ids.add(json.loads(record.read_text())["id"])

    def leftovers(self):
        """Processes of containers of this hive, whatever their parent is now."""
        marks = [f"HIVE_CONTAINER_ID={id_}" for id_ in self.ids]
        return [one for one in psutil.process_iter() if any(mark in _environ(one) for mark in marks)]

    def end_containers(self):
        """Kill what a dead daemon has left running."""
        self.remember()
        left = self.leftovers()
        for one in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        psutil.wait_procs(left, SECONDS)

    def close(self):
        """End everything: the agents, the daemon, their leftovers, the model, the folder."""
        self.remember()
        try:
            if self.daemon is not None and self.daemon.poll() is None:
                with contextlib.suppress(HiveError):
                    self.ask("stop", scope={"agent_names": self.ask("list")["agents"]}, graceful=False)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.stop()
        finally:
            if self.daemon is not None and self.daemon.poll() is None:
                self.daemon.kill()
                self.daemon.wait()
            self.end_containers()
            self.model.close()
            shutil.rmtree(self.folder, ignore_errors=True)


def _argv(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _environ(process):
    try:
        return Path(f"/proc/{process.pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
