"""The definition of OTP semantics: what Erlang/OTP 25's own supervisor did, ours does too."""

import os
import sys
from pathlib import Path
from subprocess import run

import pytest

from tests.actors.supervision import otp_model, otp_replay
from tests.actors.supervision.otp_generate import Generator
from tests.torture import count, seed

CORPORA = sorted((Path(__file__).parent / "otp").glob("*.jsonl.gz"))
GIVEN = os.environ.get("HIVE_OTP_TRACES")


@pytest.mark.slow
@pytest.mark.parametrize("path", [Path(GIVEN)] if GIVEN else CORPORA, ids=lambda path: path.name)
def test_every_program_of_the_corpus_runs_as_it_did_on_erlang(path):
    traces = list(otp_replay.read_traces(path))
    differences = [found for trace in traces if (found := otp_replay.difference(**_arguments(trace)))]
    assert traces
    assert differences == []


@pytest.mark.slow
def test_the_reference_model_agrees_with_erlang():
    for path in CORPORA:
        for trace in otp_replay.read_traces(path):
            assert otp_model.play(trace["program"]) == trace["expected"], trace["program"]


@pytest.mark.slow
@pytest.mark.torture
def test_random_programs_run_as_the_reference_model_says():
    drawn = seed()
    generator = Generator(drawn)
    rounds = count(quick=1500, full=50_000)
    print(f"seed {drawn}, {rounds} programs")
    for number in range(rounds):
        program = generator.program()
        found = otp_replay.difference(program, otp_model.play(program))
        assert found is None, f"HIVE_SEED={drawn}, program {number}: {found}\n{program}"


@pytest.mark.slow
def test_the_replayer_says_how_many_are_equal_and_fails_on_a_difference(tmp_path):
    trace = next(otp_replay.read_traces(CORPORA[0]))
    trace["expected"][0]["result"] = "something else"
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text(otp_replay.json.dumps(trace) + "\n")
    played = run(
        [sys.executable, "-m", "tests.actors.supervision.otp_replay", str(wrong)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
    )
    assert played.returncode == 1
    assert "equal 0, different 1" in played.stdout


def _arguments(trace):
    return {"program": trace["program"], "expected": trace["expected"]}
