"""The boundary on this machine: docs/security.md and `hive doctor` go by one table of promises."""

from pathlib import Path

import pytest

from actors.agent.runtime.process import ProcessRuntime
from actors.cli.boundary import promises, trial
from actors.cli.doctor import sandboxes
from actors.cli.doctor.finding import Level
from actors.daemon_settings import DaemonSettings

PAGE = Path(__file__).parents[3] / "docs/security.md"


def test_the_page_on_security_lists_the_promises_that_are_tried():
    _, _, rest = PAGE.read_text().partition("<!-- promises -->\n")
    shown, _, _ = rest.partition("<!-- /promises -->")
    assert shown == promises.table()


def test_every_promise_has_a_word_for_every_kind_and_a_name_of_its_own():
    assert len({one.key for one in promises.PROMISES}) == len(promises.PROMISES)
    assert all(one.of(kind) for one in promises.PROMISES for kind in promises.KINDS)


@pytest.mark.slow
def test_without_a_sandbox_the_trial_finds_what_an_agent_can_do(tmp_path):
    config = DaemonSettings(state_dir=tmp_path / "state", run_dir=tmp_path / "run", runtime="process")
    kind, outcomes = trial.try_boundary(config)
    held = {one.promise.key: one.held for one in outcomes}
    assert kind == "process"
    assert not any(held[key] for key in ("files", "operator socket", "processes", "own uid", "loopback"))
    assert not config.state_dir.exists()


def test_a_container_that_does_not_start_leaves_every_promise_untried(tmp_path, monkeypatch):
    monkeypatch.setattr(ProcessRuntime, "command", lambda *_: ["/nowhere"])
    config = DaemonSettings(state_dir=tmp_path / "state", run_dir=tmp_path / "run", runtime="process")
    found = sandboxes.boundary(config)
    assert len(found) == len(promises.PROMISES)
    assert all(one.text.startswith("cannot be tried") for one in found)
    assert not any(one.level is Level.BAD for one in found)
