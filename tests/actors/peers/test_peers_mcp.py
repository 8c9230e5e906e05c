"""A peer as its owner has it: Claude's end of `hive-mcp` over stdio, against a real hive."""

import json
import os
import subprocess
import sys
from pathlib import Path

import gevent
import pytest

from harness.tools import offered
from harness.wire.agent_api import PEER_VERBS
from tests.actors.whole_hive import WholeHive

pytestmark = pytest.mark.slow


@pytest.fixture
def hive():
    hive = WholeHive()
    yield hive
    hive.remove()


def session(socket, *calls):
    argv = [sys.executable, "-m", "tests.actors.peers.outside", socket, json.dumps(calls)]
    env = {"PATH": os.environ["PATH"]}
    # In a thread: the hive lives in this process, and gevent's own subprocess would reap everybody's children.
    options = {"capture_output": True, "text": True, "env": env, "timeout": 60, "check": True}
    return gevent.get_hub().threadpool.apply(subprocess.run, (argv,), options)


def test_an_outside_session_takes_part_through_hive_mcp_until_it_is_removed(hive):
    with hive.host() as operator, hive.agent("hm1nd") as manager:
        socket = operator.ask("add_peer", name="damocles")["socket"]
        operator.ask("send", to="damocles", body="are you there?")

        first = session(socket, ["whoami", {}], ["recv", {}], ["send", {"to": "manager", "body": "here I am"}])
        told = json.loads(first.stdout)
        assert set(told["offered"]) == {tool.name for tool in offered("peer", PEER_VERBS)}
        assert not [text for failed, text in told["answers"] if failed]
        assert '"role": "peer"' in told["answers"][0][1]
        assert 'from="operator" written-by="operator"' in told["answers"][1][1]
        mail = manager.ask("recv", max=32)["messages"]
        assert [(one["from"], one["body"]) for one in mail] == [("damocles", "here I am")]

        again = json.loads(session(socket, ["recv", {}], ["ack", {}], ["recv", {}], ["kill", {"name": "x"}]).stdout)
        texts = [text for _, text in again["answers"]]
        assert 'redelivered="true"' in texts[0], "what was not acknowledged is offered to the next session"
        assert texts[2] == "(empty)"
        assert again["answers"][3] == [True, "Error: there is no tool 'kill' here"]

        assert operator.ask("remove_peer", name="damocles")["ok"]
    assert not Path(socket).exists()
