"""A name that cannot work here is refused when it is asked for, not when the container starts."""

from pathlib import Path

import pytest

from actors.agent.registry import api as agents
from actors.agent.registry.name_check import check_new
from actors.agent.runtime.bwrap import BwrapRuntime
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.paths import Workspace
from actors.daemon_settings import LONGEST_SOCKET, MAX_SOCKET_PATH
from harness.wire.errors import HiveError
from tests.actors.approvals.live_hive import Hive

LONGEST = "x" * 32


class Short(ProcessRuntime):
    name = "short"
    longest_name = 9


@pytest.mark.parametrize("runtime", [ProcessRuntime(), BwrapRuntime(), NspawnRuntime()])
def test_with_the_longest_run_dir_the_longest_name_works_in_every_runtime(runtime):
    run = Path("/" + "r" * (MAX_SOCKET_PATH - len(LONGEST_SOCKET) - 1))
    check_new(LONGEST, runtime, Workspace(Path("/state"), run))


@pytest.mark.parametrize(
    ("name", "run", "sentence", "hint"),
    [
        ("tencharact", "/run", "'tencharact' has 10 characters; with the runtime short a name has at most 9", "shorter name"),
        ("ninechars", "/" + "r" * 81, "2 bytes more than the 107 there can be", "at most 7 characters"),
        ("ninechars", "/" + "é" * 60, "bytes more than the 107", "shorter `run_dir`"),
        ("manager", "/run", "reserved", None),
        ("../x", "/run", "no agent name", None),
    ],
)  # fmt: skip
def test_what_is_too_long_or_no_name_is_refused_with_the_way_out(name, run, sentence, hint):
    with pytest.raises(HiveError) as refusal:
        check_new(name, Short(), Workspace(Path("/state"), Path(run)))
    assert refusal.value.code == "bad_request"
    assert sentence in refusal.value.message
    assert (hint or "") in (refusal.value.hint or "")


@pytest.fixture
def hive(monkeypatch):
    monkeypatch.setattr("tests.actors.agent.hive_parts.FakeRuntime.longest_name", 9, raising=False)
    hive = Hive()
    yield hive
    hive.remove()


def test_every_way_to_a_new_agent_asks(hive):
    with hive.client("hm1nd") as manager:
        for cmd in ("request_spawn", "request_spawn_draft"):
            reply = manager.ask(cmd, name="tencharact")
            assert (reply["code"], "at most 9" in reply["error"]) == ("bad_request", True), cmd
    for request in (
        lambda: agents.spawn(hive.directory, "tencharact"),
        lambda: hive.verb("request_spawn", name="tencharact"),
    ):
        with pytest.raises(HiveError, match="at most 9"):
            request()
    assert not hive.workspace.of("tencharact").root.exists(), "nothing was made for it"
    assert hive.verb("pending").approvals == []
