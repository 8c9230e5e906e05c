"""A start with many agents: the registry answers while it is still at work on them."""

import gevent
import pytest

from actors.agent.registry import api as agents
from actors.supervision import NoAnswer
from tests.actors.agent.hive_parts import FakeRuntime
from tests.actors.whole_hive import WholeHive
from tests.waiting import SECONDS

pytestmark = pytest.mark.slow

MANY = 30
FIND_SECONDS = 0.05


class SlowRuntime(FakeRuntime):
    """Where a look for a container takes long, a thousand agents take a minute."""

    slow = False

    def find(self, paths):
        if self.slow:
            gevent.sleep(FIND_SECONDS)
        return super().find(paths)


class ManyAgents(WholeHive):
    """Does not wait for the manager, which is the last to be looked at."""

    def wait(self):
        if not self.runtime.slow:
            super().wait()


def test_the_first_page_and_the_scan_for_updates_do_not_wait_for_the_last_agent(monkeypatch, caplog):
    caplog.set_level("INFO")
    hive = ManyAgents(runtime=SlowRuntime(), revision="old")
    try:
        hive.settle_in([f"agent-{number}" for number in range(MANY)])
        hive.close()
        hive.runtime.slow, hive.revision = True, "new"
        monkeypatch.setattr(agents, "ASK_SECONDS", 5 * FIND_SECONDS)
        hive.open()
        with pytest.raises(NoAnswer):
            agents.adopted(hive.directory)
        assert len(agents.snapshots(hive.directory)) == MANY + 1, "it answers, though it is not done"
        hive.runtime.slow = False
        scan = hive.directory.actor("updates")
        if scan is not None:
            scan.ended.get(timeout=SECONDS)
        told = next(one.message for one in caplog.records if one.message.startswith("updates revision=new"))
        assert all(f"agent-{number}" in told for number in range(MANY)), "the scan was made, late, and saw all of them"
    finally:
        hive.runtime.slow = False
        hive.remove()
