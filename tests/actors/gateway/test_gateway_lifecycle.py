"""Rebuilds and tombstones over the operator's sockets."""

import pytest

from tests.actors.whole_hive import WholeHive, Wire
from tests.waiting import until


@pytest.fixture
def hive():
    hive = WholeHive()
    hive.settle_in(["alice"])
    yield hive
    hive.remove()


@pytest.mark.parametrize("socket", ["host.sock", "web.sock"])
def test_agents_are_rebuilt_one_or_all_and_what_is_kept_is_listed_and_purged(hive, socket):
    with Wire(hive.config.run_dir / socket) as client:
        assert client.ask("rebuild", name="alice")["ok"]
        assert client.ask("rebuild_all")["planned"] == ["manager", "alice"]
        assert client.ask("rebuild", name="nobody")["code"] == "not_found"
        until(lambda: hive.node("agents/hm1nd")["state"] == "running")
    with Wire(hive.config.run_dir / socket) as client:
        with hive.agent("hm1nd") as manager:
            manager.ask("recv")
        until(lambda: client.ask("agent_status")["agent_statuses"][1]["running"])
        assert client.ask("purge_tombstone", name="alice")["code"] == "conflict"
        assert client.ask("tombstones")["tombstones"] == []
        assert client.ask("destroy", name="alice")["ok"]
        (stone,) = client.ask("tombstones")["tombstones"]
        assert (stone["name"], stone["credentials"]) == ("alice", False)
        assert client.ask("purge_tombstone", name="alice")["ok"]
        assert client.ask("tombstones")["tombstones"] == []
        assert client.ask("purge_tombstone", name="..")["code"] == "bad_request"
        assert client.ask("destroy", name="manager")["code"] == "forbidden"


def test_the_manager_can_have_another_rebuilt_and_not_itself(hive):
    with hive.agent("hm1nd") as manager:
        assert manager.ask("update", name="alice")["ok"]
        assert manager.ask("update", name="manager")["code"] == "forbidden"
