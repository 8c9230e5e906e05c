"""A part is killed in the middle of a turn: the turn ends up done, and what was offered again is marked so.

The real daemon, bubblewrap and the real Claude CLI. `HIVE_TORTURE=1` plays every kill many times.
"""

import random
import threading
import time

import psutil
import pytest

from tests.campaigns.real_hive import RealHive
from tests.needs import needs
from tests.torture import count, seed

ROUNDS = count(quick=1, full=10)
AGENTS = [f"a{number}" for number in range(min(ROUNDS, 10))]
"""A new one for each round: an agent that dies six times in a minute is parked."""


def hold(word):
    """The model hangs at the first request about `word` and answers at once from then on."""
    return {"when": word, "times": 1, "steps": [{"say": "Too late.", "hang_seconds": 600}]}


class Kill:
    """`again`: the message is offered again; if not, the turn goes on as if nothing had happened."""

    def __init__(self, act, *, again):
        self.act, self.again = act, again


def kill(find):
    def act(hive, agent):
        find(hive, agent).kill()

    return act


def web(hive):
    return psutil.Process(hive.until(lambda: hive.node("web/process")["pid"]))


def kill_daemon(hive, _agent):
    hive.kill()
    print(f"the daemon was back after {hive.start():.2f} s")


def kill_daemon_and_harness(hive, agent):
    harness = hive.harness(agent)
    hive.kill()
    harness.kill()
    hive.start()


KILLS = {
    "claude": Kill(kill(lambda hive, agent: hive.claude(agent)), again=True),
    "harness": Kill(kill(lambda hive, agent: hive.harness(agent)), again=True),
    "container": Kill(kill(lambda hive, agent: hive.container(agent)), again=True),
    "web": Kill(kill(lambda hive, _agent: web(hive)), again=False),
    "daemon": Kill(kill_daemon, again=False),
    "daemon and harness": Kill(kill_daemon_and_harness, again=True),
}

FAST = [f"{name} {number}" for name in KILLS for number in range(ROUNDS)]


def rule(name):
    """A turn that is to be undisturbed must be allowed to end by itself."""
    word = f"round ({name})\\."
    if KILLS[name.rpartition(" ")[0]].again:
        return hold(word)
    return {"when": word, "steps": [{"say": "Done.", "hang_seconds": 2.0}]}


@pytest.fixture(scope="module")
def hive():
    with RealHive(*map(rule, FAST), web=True) as hive:
        hive.spawn(*AGENTS)
        yield hive


def at_rest(row):
    return row["state"] == "idle" and not row["leased"] and not row["pending"]


@needs("bwrap")
@pytest.mark.slow
@pytest.mark.torture
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", KILLS)
def test_a_turn_whose_parts_are_killed_ends_up_done(hive, name):
    one, dice, over, times = KILLS[name], random.Random(drawn := seed()), threading.Event(), []
    for number in range(ROUNDS):
        word, agent = f"round {name} {number}.", AGENTS[number % len(AGENTS)]
        crashes = len(hive.mail_of_manager())
        web(hive)  # killed often, it comes back after longer and longer pauses; no turn is to wait for that here
        id_ = hive.send(agent, word)
        hive.until_asked(word)
        over.wait(dice.random() * 0.2 if ROUNDS > 1 else 0)  # not to wait for anything: to kill at any moment
        before = hive.container(agent).pid
        began = time.monotonic()
        one.act(hive, agent)
        times.append(hive.done(id_) - began)
        message = hive.message(id_)
        assert bool(message["redelivered"]) is one.again
        second = hive.openings(word)[1:]
        assert bool(second) is one.again
        assert all('redelivered="true"' in opening for opening in second)
        if not one.again:
            assert hive.container(agent).pid == before
        if name in {"harness", "container"}:
            hive.until(lambda crashes=crashes: len(hive.mail_of_manager()) > crashes)
            (event,) = hive.mail_of_manager()[crashes:]
            assert (event["event"], event["agent"]) == ("container_crash", agent)
        hive.until(lambda agent=agent: at_rest(hive.row(agent)))
    print(
        f"{name}: {ROUNDS} kills, done again after {sorted(times)[len(times) // 2]:.2f} s (worst {max(times):.2f} s), seed {drawn}"
    )


@needs("bwrap")
@pytest.mark.slow
def test_after_all_of_it_every_promise_holds(hive):
    assert [one for one in hive.ask("verify")["promises"] if not one["held"]] == []
