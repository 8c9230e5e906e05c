"""Packages of a proposal: what cannot be had is refused before anybody is asked, or before anything is touched."""

import pytest

from actors.agent.registry import api as agents
from actors.approvals import api as approvals
from harness.wire.errors import unavailable
from tests.actors.agent.hive_parts import FakeRuntime
from tests.actors.approvals.live_hive import Hive
from tests.waiting import until

pytestmark = pytest.mark.slow  # git runs dozens of times in most of them

WANTED = {"agent.toml": 'packages = ["graphviz"]\n'}


class Installer(FakeRuntime):
    """A runtime that installs packages; `builds` is what was in force when it did."""

    def __init__(self):
        super().__init__()
        self.builds, self.broken, self.in_force = [], None, lambda agent: None

    def check(self, launch):
        pass

    def build(self, launch):
        self.builds.append((launch.packages, self.in_force(launch.paths.name)))
        if self.broken is not None:
            raise self.broken


@pytest.fixture
def hive():
    hive = Hive()
    agents.spawn(hive.directory, "alice")
    yield hive
    hive.remove()


@pytest.fixture
def installer(hive, monkeypatch):
    installer = Installer()
    installer.in_force = lambda agent: hive.repositories.applied(agent).in_force()
    monkeypatch.setattr(hive.runtime, "check", installer.check)
    monkeypatch.setattr(hive.runtime, "build", installer.build)
    return installer


def proposed(hive, files=None):
    with hive.client("hm1nd") as manager:
        commit = hive.author("alice").commit(WANTED if files is None else files)
        return manager.ask("request_apply_commit", agent="alice", commit_ref=commit)


def test_where_the_programs_are_the_hosts_a_proposal_with_packages_is_not_filed(hive):
    reply = proposed(hive)
    assert (reply["ok"], reply["code"]) == (False, "bad_request")
    assert "graphviz" in reply["error"]
    assert 'runtime = "nspawn"' in reply["hint"]
    assert hive.verb("pending").approvals == []


@pytest.mark.parametrize("name", ["--option", "a b", "a,b", "a/bookworm", "a=1.0", "?essential", "../x", ""])
def test_what_an_installer_could_take_for_something_else_is_no_package(hive, name):
    reply = proposed(hive, {"agent.toml": f"packages = ['{name}']\n"})
    assert (reply["ok"], reply["code"]) == (False, "bad_request")
    assert "no name of a package" in reply["error"]


def test_packages_are_built_before_anything_is_touched(hive, installer):
    before, launched = hive.repositories.applied("alice").in_force(), len(hive.runtime.launches)
    reply = proposed(hive)
    hive.verb("approve", id=reply["approval_id"])
    hive.launched(launched + 1)
    assert installer.builds == [(("graphviz",), before)]
    assert hive.runtime.launches[-1].packages == ("graphviz",)


def test_a_build_that_fails_is_a_failed_approval_with_its_reason_and_nothing_was_touched(hive, installer):
    installer.broken = unavailable("E: Unable to locate package graphviz")
    before, launched = hive.repositories.applied("alice").in_force(), len(hive.runtime.launches)
    reply = proposed(hive)
    number = reply["approval_id"]
    hive.verb("approve", id=number)
    until(lambda: hive.status(number) == "failed")
    row = next(row for row in approvals.rows(hive.directory) if row.id == number)
    assert "Unable to locate package graphviz" in row.note
    assert row.tag == f"failed/{number}"
    assert hive.repositories.applied("alice").in_force() == before
    assert len(hive.runtime.launches) == launched, "its container was left alone"
