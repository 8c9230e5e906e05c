"""The broker against a model of a page: thousands of random programs, with crashes and failing commits in between."""

import random
from dataclasses import dataclass, field

import pytest

from actors.broker import api as broker
from harness.wire.errors import HiveError
from tests import torture
from tests.actors.broker.kit import Post
from tests.actors.store.test_store_trouble import no_file_may_grow

NAMES = ("alice", "bob", "carol")


@dataclass
class Mail:
    id: int
    to: str
    leased: bool = False
    redelivered: bool = False


@dataclass
class Model:
    """The promises, in lists."""

    mail: list[Mail] = field(default_factory=list)

    def of(self, name, *, leased):
        return [mail for mail in self.mail if mail.to == name and mail.leased is leased]

    def sent(self, ids, recipients):
        self.mail += [Mail(id_, to) for id_, to in zip(ids, recipients, strict=True)]

    def recv(self, name, count):
        waiting = sorted(self.of(name, leased=False), key=lambda mail: mail.id)
        taken, rest = waiting[:count], waiting[count:]
        for mail in taken:
            mail.leased = True
        return [(mail.id, mail.redelivered) for mail in taken], len(rest)

    def ack(self, name):
        done = self.of(name, leased=True)
        self.mail = [mail for mail in self.mail if mail not in done]
        return len(done)

    def requeue(self, name, ids=None):
        back = [mail for mail in self.of(name, leased=True) if ids is None or mail.id in ids]
        for mail in back:
            mail.leased, mail.redelivered = False, True
        return len(back)


class Game:
    """One program, played against both."""

    def __init__(self, post, dice):
        self.post, self.dice, self.model = post, dice, Model()
        self.waiters = {name: [] for name in NAMES}

    def play(self, steps):
        moves = [self.send] * 8 + [self.recv] * 5 + [self.long_poll] * 4 + [self.ack] * 3
        moves += [self.broadcast, self.requeue, self.give_back, self.cancel, self.status, self.crash, self.no_disk]
        for _ in range(steps):
            self.dice.choice(moves)()
        for name in NAMES:
            self.drop_waiters(name)
            assert self.post.status(name) == (
                len(self.model.of(name, leased=False)),
                len(self.model.of(name, leased=True)),
            )

    def name(self):
        return self.dice.choice(NAMES)

    def send(self):
        to = self.name()
        self.model.sent([self.post.send(self.name(), to).id], [to])
        self.serve(to)

    def broadcast(self):
        reply = self.post.send("manager", "*")
        self.model.sent(reply.ids, reply.recipients)
        for name in reply.recipients:
            self.serve(name)

    def recv(self):
        name, count = self.name(), self.dice.randint(1, 4)
        self.same(self.post.recv(name, count), self.model.recv(name, count))

    def long_poll(self):
        name, count = self.name(), self.dice.randint(1, 4)
        waiter = self.post.long_poll(name, count=count)
        self.waiters[name].append((waiter, count))
        self.serve(name)

    def serve(self, name):
        """Whoever waited first must by now have what the model gives it."""
        while self.waiters[name] and self.model.of(name, leased=False):
            waiter, count = self.waiters[name].pop(0)
            self.same(waiter.wait(), self.model.recv(name, count))

    def cancel(self):
        self.drop_waiters(self.name())

    def drop_waiters(self, name):
        for waiter, _count in self.waiters[name]:
            waiter.cancel()
            assert waiter.wait().messages == []
        self.waiters[name].clear()

    def ack(self):
        name = self.name()
        assert self.post.ack(name) == self.model.ack(name)

    def requeue(self):
        name = self.name()
        assert self.post.requeue(name) == self.model.requeue(name)
        self.serve(name)

    def give_back(self):
        name = self.name()
        leased = [mail.id for mail in self.model.of(name, leased=True)]
        ids = self.dice.sample(leased, self.dice.randint(0, len(leased)))
        broker.give_back(self.post.directory, name, ids)
        self.post.ack("nobody")  # what is told is done before what is asked later
        self.model.requeue(name, ids)
        self.serve(name)

    def status(self):
        name = self.name()
        assert self.post.status(name) == (len(self.model.of(name, leased=False)), len(self.model.of(name, leased=True)))

    def crash(self):
        for name in NAMES:
            self.drop_waiters(name)
        self.post.crash_broker()

    def no_disk(self):
        """A commit that fails changes nothing: not the mail, not who waits."""
        with no_file_may_grow():
            for _ in range(3):
                to = self.name()
                if self.model.of(to, leased=False):
                    continue
                with pytest.raises(HiveError):
                    for _ in range(200):
                        self.model.sent([self.post.send("manager", to, "x" * 60_000).id], [to])
                        self.serve(to)
        self.post.sql("SELECT 1")

    def same(self, reply, wanted):
        assert ([(message.id, message.redelivered) for message in reply.messages], reply.remaining) == wanted


@pytest.mark.torture
@pytest.mark.slow
def test_random_programs_do_what_the_model_says(tmp_path):
    seed = torture.seed()
    print(f"HIVE_SEED={seed}")
    for number in range(torture.count(quick=25, full=3_000)):
        folder = tmp_path / str(number)
        folder.mkdir()
        post = Post(folder, *NAMES)
        try:
            Game(post, random.Random(seed + number)).play(60)
        except BaseException as error:
            error.add_note(f"HIVE_SEED={seed + number} HIVE_TORTURE_COUNT=1 plays this program alone")
            raise
        finally:
            post.close()
