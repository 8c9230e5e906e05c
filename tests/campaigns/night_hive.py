"""A hive on a small disk of its own, with name servers and a clock of its own, whose nights are short."""

import contextlib
import json
import socket
import threading

from harness.rehearsal.script import ScriptStep
from tests.campaigns.real_hive import RealHive

EIGHT_HOURS_MS = 8 * 3600 * 1000
PRIVATE_ADDRESS = b"\x0a\x01\x02\x03"


class NightHive(RealHive):
    """The daemon runs in a mount namespace with a resolv.conf that the test writes."""

    def __init__(self, *rules, place, **settings):
        super().__init__(*rules, web=True, place=place, **settings)
        self.orders = self.folder / "orders.json"
        self.words = {}
        self.key_is_refused = True
        self.model.answer = self._answer
        self.resolv = self.folder / "resolv.conf"
        self.name_server("127.9.9.1")
        serve = [self.argv[0], "-m", "tests.campaigns.night_daemon", str(self.file)]
        bound = f'mount --bind {self.resolv} "$(readlink -f /etc/resolv.conf)" && exec "$@"'
        self.argv = ["unshare", "--mount", "sh", "-c", bound, "sh", *serve]

    def _answer(self, dialogue):
        """As scripted; the agent `refused` has a key that the account does not take, until somebody replaces it."""
        if dialogue.agent == "refused" and self.key_is_refused:
            return ScriptStep(fail="unauthorized"), 0
        return type(self.model).answer(self.model, dialogue)

    def order(self, **words):
        """What the daemon believes from now on: `clock_ms`, `revision`."""
        self.words |= words
        self.orders.write_text(json.dumps(self.words))

    def name_server(self, address):
        """Written in place, as the DHCP client of a laptop in another network does."""
        self.resolv.write_text(f"nameserver {address}\noptions timeout:1 attempts:1\n")

    def effects(self, agent):
        """What the commands of this agent have noted, in order."""
        with contextlib.suppress(FileNotFoundError):
            return (self.state / "agents" / agent / "state/effects").read_text().splitlines()
        return []

    def configure(self, agent, text):
        """Another configuration in force, past the queue: what is approved at night is not the subject."""
        (self.state / "applied" / agent / "agent.toml").write_text(text)
        self.ask("restart", name=agent)
        self.until(lambda: self.row(agent)["state"] == "idle")

    def needs(self):
        """The list N33DS Y0U, as pairs of kind and agent."""
        found = self.ask("needs")
        assert not found["failed"]
        return sorted((one["kind"], one["agent"]) for one in found["needs"])

    def broken_promises(self):
        """By name, with what speaks against them."""
        return {one["name"]: one["detail"] for one in self.ask("verify")["promises"] if not one["held"]}


class NameServer:
    """Answers every question for an address with one of a private network. Use as a context manager."""

    def __init__(self, address):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._thread = threading.Thread(target=self._serve)
        self.asked = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self):
        while True:
            query, client = self._socket.recvfrom(512)
            if not query:
                return
            end = query.index(b"\0", 12) + 5
            question = query[12:end]
            self.asked.append(question)
            is_a = question[-4:-2] == b"\0\1"
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + PRIVATE_ADDRESS if is_a else b""
            head = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if is_a else b"\0\0") + b"\0\0\0\0"
            self._socket.sendto(head + question + answer, client)
