"""A proposal that needs a secret: the review says what is missing, an approval without it touches nothing."""

import pytest

from actors.agent.registry import api as agents
from actors.approvals import api as approvals
from tests.actors.approvals.live_hive import Hive
from tests.waiting import until

pytestmark = pytest.mark.slow  # git runs dozens of times

VALUE = "s3cr3t-of-the-vault"
WANTED = {"agent.toml": '[extraMcpServers.vault]\ncommand = "vault"\nenv = {TOKEN = "secret:VAULT"}\n'}


@pytest.fixture
def hive():
    hive = Hive()
    agents.spawn(hive.directory, "alice")
    yield hive
    hive.remove()


def proposed(hive, files=WANTED):
    with hive.client("hm1nd") as manager:
        commit = hive.author("alice").commit(files)
        return manager.ask("request_apply_commit", agent="alice", commit_ref=commit)


def test_a_missing_secret_is_a_remark_and_a_failed_approval_that_touched_nothing(hive):
    before, launched = hive.repositories.applied("alice").in_force(), len(hive.runtime.launches)
    number = proposed(hive)["approval_id"]
    review = hive.verb("approval_review", id=number)
    assert "extraMcpServers.vault.env.TOKEN needs the secret VAULT, which does not exist" in str(review.remarks)
    hive.verb("approve", id=number)
    until(lambda: hive.status(number) == "failed")
    row = next(row for row in approvals.rows(hive.directory) if row.id == number)
    assert "there is no secret 'VAULT'" in row.note
    assert hive.repositories.applied("alice").in_force() == before
    assert len(hive.runtime.launches) == launched, "its container was left alone"


def test_with_the_secret_the_review_shows_the_reference_and_the_server_gets_the_value(hive):
    hive.verb("set_secret", name="VAULT", value=VALUE)
    launched = len(hive.runtime.launches)
    number = proposed(hive)["approval_id"]
    review = hive.verb("approval_review", id=number)
    assert "secret" not in str(review.remarks)
    assert "secret:VAULT" in str(review)
    assert VALUE not in str(review)
    hive.verb("approve", id=number)
    hive.launched(launched + 1)
    assert hive.runtime.launches[-1].sidecars[0].env["TOKEN"] == VALUE
    assert hive.verb("secrets").secrets[0].used_by == ["alice"]
    for path in hive.place.rglob("*"):
        if path.is_file() and path.parent.name != "secrets":
            assert VALUE.encode() not in path.read_bytes(), path


def test_an_impossible_reference_is_not_filed(hive):
    reply = proposed(hive, {"agent.toml": '[env]\nA = "secret:../operator.token"\n'})
    assert (reply["ok"], reply["code"]) == (False, "bad_request")
    assert "env.A" in reply["error"]
