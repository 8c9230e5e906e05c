"""Exits that only the daemon can wait for, with the real CLI: before them the daemon has the mail and the reason."""

import subprocess
import time

import pytest

from harness.wire.exit_codes import HarnessExit
from harness.wire.times import to_ms
from tests.harness.rig import Rig, rules

pytestmark = pytest.mark.slow

SUBSCRIBER = {"ANTHROPIC_API_KEY": "", "CLAUDE_CODE_OAUTH_TOKEN": "rehearsal"}
"""Claude reports the end of a limit to subscribers only."""

LIMITED = {"when": "spend", "times": 1, "steps": [{"fail": "rate_limit", "reset_seconds": 3600}]}
REFUSED = {"when": "spend", "steps": [{"fail": "unauthorized"}]}


def states(rig):
    return [event["state"] for event in rig.daemon.events if event["kind"] == "state"]


def test_a_limit_that_lasts_ends_the_harness_and_the_daemon_knows_until_when(tmp_path):
    with Rig(tmp_path, rules(LIMITED), env=SUBSCRIBER) as rig:
        rig.start()
        began = time.time()
        number = rig.daemon.deliver("spend")
        rig.daemon.wait_state("rate_limited")
        family = rig.children()
        assert rig.process.wait(15) == HarnessExit.USAGE_LIMIT
        assert not any(one.is_running() for one in family), "no CLI waits with 250 MB"
        limited = [event for event in rig.daemon.events if event.get("state") == "rate_limited"][-1]
        assert 3595 < to_ms(limited["until"]) / 1000 - began < 3660
        assert states(rig)[-1] == "rate_limited", "offline would say less"
        assert number not in rig.daemon.acked
        assert not rig.daemon.sent, "a limit is no failure: no message reports it"
        rig.start()
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert 'redelivered="true"' in rig.model.requests[-1][0].opening


def test_it_does_not_exit_before_the_daemon_is_back_and_has_the_reason(tmp_path):
    later = {**LIMITED, "steps": [{"fail": "rate_limit", "reset_seconds": 3600, "hang_seconds": 0.3}]}
    with Rig(tmp_path, rules(later), env=SUBSCRIBER) as rig:
        rig.start()
        rig.daemon.deliver("spend")
        rig.daemon.wait(lambda _: rig.model.requests)
        rig.daemon.stop()
        assert not rig.daemon.turns, "the limit is met while the daemon is away"
        with pytest.raises(subprocess.TimeoutExpired):
            rig.process.wait(2)
        rig.daemon.start()
        rig.daemon.wait_state("rate_limited")
        assert rig.process.wait(15) == HarnessExit.USAGE_LIMIT


def test_a_key_of_the_daemon_that_is_refused_three_times_in_a_row_ends_the_harness(tmp_path):
    with Rig(tmp_path, rules(REFUSED)) as rig:
        rig.start()
        number = rig.daemon.deliver("spend")
        assert rig.process.wait(30) == HarnessExit.LOGIN_LOST
        assert states(rig)[-1] == "needs_login"
        assert [turn["outcome"] for turn in rig.daemon.turns] == ["failed"] * 3
        assert number not in rig.daemon.acked


def test_one_refusal_is_not_the_end(tmp_path):
    with Rig(tmp_path, rules(REFUSED | {"times": 1})) as rig:
        rig.start()
        number = rig.daemon.deliver("spend")
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert "needs_login" not in states(rig)
