"""A whole hive on the machine of `internet.py`, with the real CLI: attacks run in the manager's Bash.

The rehearsal model listens on the loopback of the machine, as a gateway of an operator may. The operator's key is a
word that occurs nowhere else, so that it can be looked for.
"""

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from actors.cli.client import DaemonClient
from actors.secrets.store import SecretStore
from harness.wire.errors import HiveError
from tests.waiting import SECONDS

SCRIPT = """
include = ["default"]

[[rule]]
when = 'ATTACK (?P<number>[0-9]+)'
result = 'attack is over'
steps = [{ say = "Done." }]

[[rule]]
when = 'ATTACK (?P<number>[0-9]+)'
steps = [{ call = "Bash", input = { command = "sh /shared/$number.sh; echo attack is over", description = "attack" } }]
"""


class Hive:
    """Use as a context manager. `network` is the `[network]` table of the manager's configuration.

    `rules` of the model come before the usual ones, `stored` secrets are there before the hive starts, `agent_env` is the
    setting of that name.
    """

    def __init__(self, internet, runtime, network="", *, rules="", stored=None, agent_env=None):
        self.key = "sk-" + secrets.token_hex(20)
        self.folder = internet.folder / "hive"
        self.folder.mkdir(mode=0o755)
        self._internet, self._runtime, self._network = internet, runtime, network
        self._rules, self._stored, self._agent_env = rules, stored or {}, agent_env or {}
        self._processes, self._number = [], 0
        self.port = 7000

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _start(self):
        (self.folder / "script.toml").write_text(SCRIPT + self._rules)
        (self.folder / "key").write_text(self.key)
        self.state, run = self.folder / "state", self.folder / "run"
        applied = self.state / "applied/hm1nd"
        if self._runtime == "nspawn":
            from tests.actors.agent.nspawn_parts import cached_image

            self.state.mkdir(mode=0o700)
            (self.state / "images").symlink_to(cached_image().root.parent.parent)
        if self._stored:
            self.state.mkdir(mode=0o700, exist_ok=True)
            for name, value in self._stored.items():
                SecretStore(self.state).put(name, value)
        if self._internet.unprivileged:
            for place in (self.folder, *self.folder.rglob("*")):
                os.chown(place, 65534, 65534)
        model = self._spawn("harness.rehearsal", "--port", "0", "--script", str(self.folder / "script.toml"))
        url = model.stdout.readline().decode().strip()
        self.model_port = int(url.rpartition(":")[2])
        settings = {
            "state_dir": str(self.state), "run_dir": str(run), "runtime": self._runtime, "web_port": self.port,
            "claude_base_url": url, "claude_api_key_file": str(self.folder / "key"), "agents_on_stop": "stop",
            "grace_seconds": 1,
        }  # fmt: skip
        file = self.folder / "hive.toml"
        rows = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
        rows += ["[agent_env]", *(f"{name} = {json.dumps(value)}" for name, value in self._agent_env.items())]
        file.write_text("\n".join(rows))
        self.daemon = self._spawn("actors.cli", "up", "--config", str(file))
        for line in self.daemon.stdout:
            if b"The hive is up" in line:
                break
        self.socket = run / "host.sock"
        if self._network:
            (applied / "agent.toml").write_text(self._network)
            self.ask("restart", name="hm1nd")

    def ask(self, cmd, **arguments):
        with DaemonClient(self.socket, reply_seconds=SECONDS) as client:
            return client.request(cmd, **arguments)

    def wait_for_hosts(self, *wanted):
        """Wait until the record of what the manager talked to has these hosts; the one that answers is not refused."""
        rows = {}
        for _ in range(int(SECONDS * 2)):
            rows = {row["host"]: row for row in self.ask("hosts", name="hm1nd")["hosts"]}
            if set(wanted) <= rows.keys():
                break
            threading.Event().wait(0.5)
        assert set(wanted) <= rows.keys(), rows
        assert {host for host in wanted if rows[host]["reason"] is None} == {"allowed.example"}

    def attack(self, script, seconds=SECONDS):
        """What a shell script printed, run by the Bash of the manager's Claude."""
        self._number += 1
        shared = self.state / "shared"
        done = shared / f"{self._number}.done"
        os.mkfifo(done)
        done.chmod(0o666)
        program = shared / f"{self._number}.sh"
        program.write_text(
            f"cd /tmp\n({script}\n) > /shared/{self._number}.out 2>&1\necho over > /shared/{self._number}.done\n"
        )
        program.chmod(0o644)
        self.ask("send", to="manager", body=f"ATTACK {self._number}")
        waiting = subprocess.run(["timeout", str(seconds), "cat", str(done)], capture_output=True)
        assert waiting.returncode == 0, f"the attack did not end\n{self.log()}"
        return (shared / f"{self._number}.out").read_text(errors="replace")

    def log(self):
        logs = [self.folder / "daemon.log", self.state / "proxy.log", *self.state.glob("logs/*.log")]
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in logs if path.exists())

    def _spawn(self, module, *arguments):
        with (self.folder / "daemon.log").open("ab") as log:
            process = subprocess.Popen(
                [*self._internet.on_machine, sys.executable, "-m", module, *arguments],
                env={"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"},
                stdout=subprocess.PIPE,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self._processes.append(process)
        return process

    def close(self):
        if hasattr(self, "socket"):
            with contextlib.suppress(HiveError):
                self.ask("stop", scope={"agent_names": ["hm1nd"]}, graceful=False)
        for process in reversed(self._processes):
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS)
            process.kill()
            process.wait()
            process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def text_files(folder):
    """Every file below a folder, as bytes."""
    return {path: path.read_bytes() for path in Path(folder).rglob("*") if path.is_file() and not path.is_symlink()}
