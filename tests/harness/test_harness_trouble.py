"""What goes wrong in a turn, with the real CLI: no mail is lost, the reason is reported, the next turn works."""

import psutil
import pytest

from harness.wire.limits import SET_ASIDE_AFTER
from tests.harness.rig import Rig, rules
from tests.waiting import SECONDS, Changes

pytestmark = pytest.mark.slow


def test_cancel_ends_a_hanging_turn_and_its_mail_is_done(tmp_path):
    with Rig(tmp_path, rules({"when": "take your time", "steps": [{"hang_seconds": 60, "say": "late"}]})) as rig:
        rig.start()
        number = rig.daemon.deliver("take your time")
        rig.daemon.wait(lambda _: rig.model.requests)
        rig.daemon.command("cancel")
        assert rig.daemon.wait_turns(1)["outcome"] == "cancelled"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        rig.daemon.deliver("something else")
        after = rig.daemon.wait_turns(2)
        assert (after["outcome"], after["cold"]) == ("ok", False), "the session goes on, warm"


LOOP = {"call": "Bash", "input": {"command": "echo again >> calls", "description": "again"}}


@pytest.mark.parametrize(
    ("limits", "steps", "limit"),
    [
        ({"turn_seconds": 1.0}, [{"hang_seconds": 60, "say": "late"}], "turn_seconds allows: 1 s"),
        ({"turn_tool_calls": 2}, [LOOP] * 5 + [{"say": "Done."}], "turn_tool_calls allows: 2"),
    ],
    ids=["seconds", "tool calls"],
)
def test_a_turn_over_its_limit_is_cancelled_with_the_reason_and_tried_again_as_a_failed_one(
    tmp_path, limits, steps, limit
):
    endless = {"when": "never ends", "times": 1, "steps": steps}
    with Rig(tmp_path, rules(endless), config={"limits": limits}) as rig:
        rig.start()
        number = rig.daemon.deliver("never ends")
        assert rig.daemon.wait_turns(1)["outcome"] == "cancelled"
        assert rig.daemon.wait_turns(2)["outcome"] == "ok"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        (failed,) = rig.daemon.failures()
        assert failed["reason"].endswith(limit)
        assert not failed["outage"]
        (end,) = [one for one in rig.daemon.events if one["kind"] == "turn_end" and one["outcome"] == "cancelled"]
        assert (end["ok"], end["note"]) == (False, failed["reason"])


def test_a_prompt_that_does_not_fit_is_compacted_once_and_sent_again(tmp_path):
    too_long = {"when": "the long story", "times": 1, "steps": [{"fail": "overflow"}]}
    with Rig(tmp_path, rules(too_long)) as rig:
        rig.start()
        rig.daemon.deliver("a beginning")
        rig.daemon.wait_turns(1)
        number = rig.daemon.deliver("the long story")
        assert rig.daemon.wait_turns(2)["outcome"] == "prompt_too_long"
        assert rig.daemon.wait_turns(3)["outcome"] == "ok"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        states = [event["state"] for event in rig.daemon.events if event["kind"] == "state"]
        assert states.count("compacting") == 1
        assert [note for note in rig.daemon.notes() if "compact" in note] == ["compacting: the prompt did not fit"]
        assert len(rig.daemon.turns) == 3


def test_a_prompt_that_never_fits_begins_a_new_session(tmp_path):
    too_long = {"when": "the long story", "times": 2, "steps": [{"fail": "overflow"}]}
    with Rig(tmp_path, rules(too_long)) as rig:
        rig.start()
        rig.daemon.deliver("a beginning")
        rig.daemon.wait_turns(1)
        number = rig.daemon.deliver("the long story")
        assert rig.daemon.wait_turns(3)["outcome"] == "prompt_too_long"
        assert rig.daemon.wait_turns(4)["outcome"] == "ok"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert len(rig.model.requests[-1][0].openings) == 1, "nothing of the full session is left"
        assert [note for note in rig.daemon.notes() if "compact" in note] == ["compacting: the prompt did not fit"]
        (failed,) = rig.daemon.failures()
        assert "Prompt is too long" in failed["reason"]
        assert not failed["outage"]


def test_a_context_that_fills_up_is_compacted_after_the_turn_with_a_checkpoint_first(tmp_path):
    full = {"when": "a big job", "steps": [{"say": "Done, but I am full.", "context_tokens": 800_000}]}
    with Rig(tmp_path, rules(full)) as rig:
        rig.start()
        rig.daemon.deliver("a big job")
        rig.daemon.wait(lambda daemon: any("nearly full" in note for note in daemon.notes()))
        rig.daemon.wait_state("idle")
        checkpoints = [dialogue for dialogue, _ in rig.model.requests if "about to be compacted" in dialogue.opening]
        assert len(checkpoints) == 1
        rig.daemon.command("compact")
        rig.daemon.wait(lambda daemon: any("operator asked" in note for note in daemon.notes()))
        rig.daemon.wait_state("idle")
        assert not any("compaction failed" in note for note in rig.daemon.notes())


def test_a_rate_limit_is_waited_for_until_it_ends(tmp_path):
    limited = {"when": "spend", "times": 1, "steps": [{"fail": "rate_limit", "reset_seconds": 0.2}]}
    env = {
        "ANTHROPIC_API_KEY": "",
        "CLAUDE_CODE_OAUTH_TOKEN": "rehearsal",
    }  # Claude reports the reset time to subscribers only
    with Rig(tmp_path, rules(limited), env=env) as rig:
        rig.start()
        number = rig.daemon.deliver("spend")
        assert rig.daemon.wait_turns(1)["outcome"] == "rate_limited"
        rig.daemon.wait_state("rate_limited")
        limited = next(event for event in rig.daemon.events if event.get("state") == "rate_limited")
        assert limited["until"] is not None
        assert number not in rig.daemon.acked
        assert rig.daemon.wait_turns(2)["outcome"] == "ok"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert [sent["to"] for sent in rig.daemon.sent] == ["operator"], "only the answer: a limit is no failure"


def test_a_server_error_is_tried_again_and_not_counted_against_the_message(tmp_path):
    broken = {"when": "try", "times": 1, "steps": [{"fail": "server_error"}]}
    with Rig(tmp_path, rules(broken)) as rig:
        rig.start()
        number = rig.daemon.deliver("try")
        assert rig.daemon.wait_turns(1)["outcome"] == "failed"
        assert rig.daemon.wait_turns(2)["outcome"] == "ok"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        (failed,) = rig.daemon.failures()
        assert "500" in failed["reason"]
        assert failed["outage"]
        assert 'redelivered="true"' in rig.model.requests[-1][0].opening


def test_a_claude_killed_in_a_turn_loses_nothing(tmp_path):
    with Rig(tmp_path, rules({"when": "work", "times": 1, "steps": [{"hang_seconds": 60, "say": "late"}]})) as rig:
        rig.start()
        rig.daemon.deliver("before")
        rig.daemon.wait_turns(1)
        number = rig.daemon.deliver("work")
        rig.daemon.wait(lambda _: len(rig.model.requests) == 3)
        rig.kill_claude()
        assert rig.daemon.wait_turns(2)["outcome"] == "failed"
        stats = rig.daemon.wait_turns(3)
        assert (stats["outcome"], stats["cold"]) == ("ok", True)
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert ["status 137" in failed["reason"] for failed in rig.daemon.failures()] == [True]
        assert "before" in rig.model.requests[-1][0].openings[0], "the session was resumed"


def test_a_message_that_fails_every_turn_gets_new_sessions_is_set_aside_and_the_next_is_taken(tmp_path):
    poison = {"when": "poison", "steps": [{"fail": "bad_request"}]}
    with Rig(tmp_path, rules(poison), env={"HIVE_RETRY_SECONDS": "0.001"}) as rig:
        rig.start()
        rig.daemon.deliver("a beginning")
        rig.daemon.wait_turns(1)
        number, good = rig.daemon.deliver("poison"), rig.daemon.deliver("something good")
        rig.daemon.wait(lambda daemon: good in daemon.acked)
        rig.daemon.wait_turns(SET_ASIDE_AFTER + 2)
        assert rig.daemon.dead == [number]
        assert [turn["outcome"] for turn in rig.daemon.turns] == ["ok", *["failed"] * SET_ASIDE_AFTER, "ok"]
        openings = [len(d.openings) for d, _ in rig.model.requests if "poison" in d.opening]
        assert openings[0] > 1, "the first try is in the session that is there"
        assert openings[-1] == 1, "the last tries have a history of their own"
        assert not rig.daemon.sent[1:-1], "the agent itself writes to nobody about it"


def test_a_model_that_is_away_costs_no_message_its_place(tmp_path):
    away = {"when": "work", "times": SET_ASIDE_AFTER + 2, "steps": [{"fail": "server_error"}]}
    with Rig(tmp_path, rules(away), env={"HIVE_RETRY_SECONDS": "0.001"}) as rig:
        rig.start()
        number = rig.daemon.deliver("work")
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert rig.daemon.dead == []
        assert len(rig.daemon.failures()) == SET_ASIDE_AFTER + 2


def test_a_harness_that_starts_anew_knows_how_often_a_message_has_failed(tmp_path):
    with Rig(tmp_path, rules({"when": "poison", "steps": [{"fail": "bad_request"}]}),
             env={"HIVE_RETRY_SECONDS": "2"}) as rig:  # fmt: skip
        rig.daemon.deliver("poison", attempts=4, counted=4)
        rig.start()
        rig.daemon.wait(lambda daemon: any("in 512 s" in note for note in daemon.notes()))
        assert rig.stop() == 0, "SIGTERM ends even the longest pause"


def test_cancel_ends_the_wait_for_the_next_try_and_the_message_is_done(tmp_path):
    with Rig(tmp_path, rules({"when": "poison", "steps": [{"fail": "bad_request"}]}),
             env={"HIVE_RETRY_SECONDS": "600"}) as rig:  # fmt: skip
        rig.start()
        number = rig.daemon.deliver("poison")
        rig.daemon.wait(lambda daemon: any("in 600 s" in note for note in daemon.notes()))
        rig.daemon.command("cancel")
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        rig.daemon.deliver("something else")
        assert rig.daemon.wait_turns(2)["outcome"] == "ok"


def test_sigterm_in_a_turn_ends_claude_and_the_mail_is_redelivered(tmp_path):
    with Rig(tmp_path, rules({"when": "work", "times": 1, "steps": [{"hang_seconds": 600, "say": "late"}]})) as rig:
        rig.start()
        number = rig.daemon.deliver("work")
        rig.daemon.wait(lambda _: rig.model.requests)
        claude = rig.claude()
        assert rig.stop() == 0, "long before the end of the turn"
        assert not claude.is_running()
        assert number not in rig.daemon.acked
        rig.start()
        assert rig.daemon.wait_turns(1)["outcome"] == "ok"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert 'redelivered="true"' in rig.model.requests[-1][0].opening


def test_a_killed_harness_takes_its_claude_and_its_shells_along(tmp_path):
    busy = {"when": "work", "times": 1, "steps": [
        {"call": "Bash", "input": {"command": "echo > started; sleep 60; echo > finished", "description": "work"}}]}  # fmt: skip
    with Rig(tmp_path, rules(busy)) as rig:
        rig.start()
        number = rig.daemon.deliver("work")
        with Changes(tmp_path / "state") as changes:
            changes.until((tmp_path / "state" / "started").exists, "the shell's first file")
        family = rig.children()
        assert any("echo > started" in " ".join(one.cmdline()) for one in family), "the shell is at work"
        rig.process.kill()
        rig.process.wait()
        _, alive = psutil.wait_procs(family, timeout=20)
        assert not alive
        rig.start()
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        assert not (tmp_path / "state" / "finished").exists()


def test_the_harness_works_through_a_restart_of_the_daemon(tmp_path):
    with Rig(
        tmp_path, rules({"when": "slow", "steps": [{"slow_seconds": 0.15, "say": "one two three four five"}]})
    ) as rig:
        rig.start()
        number = rig.daemon.deliver("slow")
        rig.daemon.wait(lambda _: rig.model.requests)
        rig.daemon.stop()
        rig.daemon.start()
        assert rig.daemon.wait_turns(1)["outcome"] == "ok"
        rig.daemon.wait(lambda daemon: number in daemon.acked)
        rig.daemon.stop()
        other = rig.daemon.deliver("after the gap")
        rig.daemon.drop_next = {"cmd": "recv"}  # the daemon leases, and ends before its reply is out
        rig.daemon.start()
        rig.daemon.wait(lambda daemon: other in daemon.acked)
        rig.daemon.wait_turns(2)
        assert not rig.daemon.drop_next, "a reply was lost"
        assert 'redelivered="true"' in rig.model.requests[-1][0].opening
        kinds = [event["kind"] for event in rig.daemon.events]
        assert kinds.count("turn_start") == kinds.count("turn_end") == 2


def test_a_part_that_fails_ends_the_process(tmp_path):
    from harness.wire.errors import HiveError

    with Rig(tmp_path, rules()) as rig:
        rig.daemon.canned["control"] = HiveError("forbidden", "not you")
        rig.start()
        assert rig.process.wait(SECONDS) == 1
        assert "control ended" in rig.log.read_text()


def test_wrong_settings_end_it_with_2(tmp_path):
    with Rig(tmp_path, rules(), env={"HIVE_NAME": ""}) as rig:
        rig.start()
        assert rig.process.wait(SECONDS) == 2
        assert "HIVE_NAME" in rig.log.read_text()
