"""The daemon is killed with -9 at random moments under writers and readers; then the promises are counted."""

import contextlib
import json
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import gevent
import pytest
from gevent import socket
from gevent.event import Event

from tests import torture
from tests.waiting import SECONDS, readable

WRITERS = READERS = 20
ROOT = Path(__file__).parents[3]


class Client:
    """One connection at a time, kept as long as it holds."""

    def __init__(self, path):
        self.path, self.sock, self.lines = path, None, None

    def ask(self, **request):
        """The reply. Raises OSError when the daemon went away before it."""
        if self.sock is None:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(str(self.path))
            self.lines = self.sock.makefile("rb")
        try:
            self.sock.sendall(json.dumps(request).encode() + b"\n")
            line = self.lines.readline()
        except OSError:
            self.close()
            raise
        if not line.endswith(b"\n"):
            self.close()
            raise ConnectionError("no reply")
        return json.loads(line)

    def close(self):
        if self.sock is not None:
            self.lines.close()
            self.sock.close()
            self.sock = None


class Campaign:
    """Who was promised what, and what came of it."""

    def __init__(self, folder, dice):
        self.folder, self.dice = folder, dice
        self.names = [f"r{number:02}" for number in range(READERS)]
        self.up, self.answered, self.over, self.writing = Event(), Event(), Event(), True
        self.acknowledged = {}
        self.received, self.done = {}, set()
        self.wrong = []
        self.daemon = None

    def start(self):
        argv = [sys.executable, "-m", "tests.actors.broker.post_office", str(self.folder), *self.names]
        self.daemon = subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE)
        readable(self.daemon.stdout, "the daemon is ready")
        assert self.daemon.stdout.readline() == b"ready\n"
        self.up.set()

    def kill(self):
        self.up.clear()
        self.daemon.kill()
        self.daemon.wait()
        self.daemon.stdout.close()

    def write(self, number):
        client = Client(self.folder / f"{self.names[number]}.sock")
        count = 0
        while self.writing:
            self.up.wait()
            to, body, count = self.dice.choice(self.names), f"{number}/{count}", count + 1
            with contextlib.suppress(OSError):
                reply = client.ask(cmd="send", to=to, body=body)
                if reply["ok"]:
                    self.acknowledged[reply["id"]] = (to, body)
                self.work()
        client.close()

    def read(self, name):
        """A harness: takes mail, works, acks. After a reply that never came it asks for its mail again."""
        client, boot = Client(self.folder / f"{name}.sock"), True
        while not self.over.is_set():
            self.up.wait()
            try:
                if boot:
                    client.ask(cmd="requeue_inflight")
                    boot = False
                reply = client.ask(cmd="recv", wait_seconds=0.5, max=self.dice.randint(1, 8))
                batch = [self.take(name, message) for message in reply.get("messages", ())]
                self.work()
                if batch and client.ask(cmd="ack_turn").get("ok"):
                    self.done.update(batch)
                self.answered.set()
            except OSError:
                boot = True
        client.close()

    def work(self):
        """What a writer and a reader do beside their mail takes them some time."""
        self.over.wait(self.dice.random() / 100)

    def end(self):
        self.writing = False
        self.over.set()

    def take(self, name, message):
        id_ = message["id"]
        if id_ in self.done:
            self.wrong.append(f"{id_} came again after its turn was acknowledged")
        if id_ in self.received and not message["redelivered"]:
            self.wrong.append(f"{id_} came again without saying so")
        if message["to"] != name:
            self.wrong.append(f"{id_} for {message['to']} was given to {name}")
        self.received[id_] = (message["to"], message["body"])
        return id_

    def drained(self):
        """Every inbox is empty, nothing is leased."""
        stand = []
        for name in self.names:
            client = Client(self.folder / f"{name}.sock")
            stand.append(client.ask(cmd="status"))
            client.close()
        return all((one["pending"], one["leased"]) == (0, 0) for one in stand)

    def run(self, kills):
        self.start()
        writers = [gevent.spawn(self.write, number) for number in range(WRITERS)]
        readers = [gevent.spawn(self.read, name) for name in self.names]
        for _ in range(kills):
            self.over.wait(self.dice.uniform(0.01, 0.25))  # not to wait for anything: to kill at any moment
            self.kill()
            self.check_file()
            self.start()
        self.writing = False
        gevent.joinall(writers, timeout=SECONDS, raise_error=True)
        with gevent.Timeout(SECONDS, AssertionError("mail is stuck")):
            while self.answered.clear() or not self.drained():
                self.answered.wait()
        self.end()
        gevent.joinall(readers, timeout=SECONDS, raise_error=True)
        self.kill()
        self.check_file()

    def check_file(self):
        """As it was left by the kill; a reader changes nothing."""
        connection = sqlite3.connect(f"file:{self.folder / 'hive.sqlite'}?mode=ro", uri=True)
        found = connection.execute("PRAGMA integrity_check").fetchone()
        connection.close()
        assert found == ("ok",)


@pytest.mark.torture
@pytest.mark.slow
def test_no_acknowledged_message_is_lost_stuck_or_silently_repeated(tmp_path):
    seed = torture.seed()
    kills = torture.count(quick=3, full=200)
    campaign = Campaign(tmp_path, random.Random(seed))
    try:
        campaign.run(kills)
    finally:
        campaign.end()
        if campaign.daemon.poll() is None:
            campaign.kill()
    lost = {id_: what for id_, what in campaign.acknowledged.items() if campaign.received.get(id_) != what}
    again = sum(id_ not in campaign.acknowledged for id_ in campaign.received)
    print(
        f"HIVE_SEED={seed} kills={kills} acknowledged={len(campaign.acknowledged)} unacknowledged_but_stored={again} lost={len(lost)}"
    )
    assert campaign.wrong == []
    assert lost == {}
    assert len(campaign.acknowledged) > 50 * kills
