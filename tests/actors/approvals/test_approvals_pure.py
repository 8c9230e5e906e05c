"""What is decided without looking: states, steps, bases, the chain, binds."""

from dataclasses import replace
from pathlib import Path

import pytest

from actors.approvals import chain, checks, reports, states, steps
from actors.approvals.approval import Approval
from actors.approvals.bases import Base, base_sha
from actors.approvals.states import ApprovalKind, ApprovalStatus
from actors.approvals.steps import ApprovalStep
from harness.wire.agent_config import Bind
from harness.wire.errors import HiveError

SHA = "ab" * 20


def approval(id_=1, status=ApprovalStatus.PENDING, step=ApprovalStep.FILED, **rest):
    return Approval(
        id_, "alice", ApprovalKind.APPLY_COMMIT, status, step, 0, SHA[:7], rest.pop("sha", SHA), "manager", **rest
    )


@pytest.mark.parametrize("old", ApprovalStatus)
@pytest.mark.parametrize("new", ApprovalStatus)
def test_a_status_follows_another_only_where_the_table_says_so(old, new):
    if new in states.TRANSITIONS[old]:
        assert states.advance(1, old, new) is new
    else:
        with pytest.raises(HiveError) as refused:
            states.advance(1, old, new)
        assert refused.value.code == "conflict"


def test_every_status_has_its_line_in_the_table():
    assert set(states.TRANSITIONS) == set(ApprovalStatus)


def test_every_step_of_both_directions_leads_to_its_end():
    for start, end in (
        (ApprovalStep.APPROVED, ApprovalStep.FINALIZED),
        (ApprovalStep.ROLLING_BACK, ApprovalStep.FAILED),
        (ApprovalStep.DENIED, ApprovalStep.CLOSED),
    ):
        step, seen = start, []
        while (following := steps.following(step)) is not None:
            seen.append(following)
            step = following
        assert seen[-1] is end
    assert {ApprovalStep.FILED, ApprovalStep.FINALIZED, ApprovalStep.FAILED, ApprovalStep.CLOSED} == {
        step for step in ApprovalStep if not steps.under_way(step)
    }


@pytest.mark.parametrize("done", steps.ROLL_OUT[:-2])
def test_a_refusal_of_the_roll_out_begins_the_roll_back(done):
    assert steps.after_refusal(done) is ApprovalStep.ROLLING_BACK


@pytest.mark.parametrize(
    ("done", "skipped"),
    [
        (ApprovalStep.ROLLING_BACK, ApprovalStep.UNSWAPPED),
        (ApprovalStep.UNSWAPPED, ApprovalStep.RESTORED),
        (ApprovalStep.RESTORED, ApprovalStep.REFUSED),
    ],
)
def test_a_refusal_in_the_roll_back_is_skipped(done, skipped):
    assert steps.after_refusal(done) is skipped


@pytest.mark.parametrize("done", [ApprovalStep.RECORDED, ApprovalStep.REFUSED, ApprovalStep.DENIED])
def test_closing_a_row_is_tried_until_it_works(done):
    assert steps.after_refusal(done) is None
    assert steps.after_crash(done, 99) is None


def test_a_step_that_kills_its_deployer_is_given_up_after_three_tries():
    assert [steps.after_crash(ApprovalStep.TAGGED, tries) for tries in (1, 2, 3)] == [
        None,
        None,
        ApprovalStep.ROLLING_BACK,
    ]


def test_the_base_is_what_is_in_force_the_last_deployed_or_the_one_before():
    rows = [
        approval(1, ApprovalStatus.APPROVED, sha="1" * 40),
        approval(2, ApprovalStatus.FAILED, sha="2" * 40),
        approval(3, ApprovalStatus.DENIED, sha="3" * 40),
    ]
    one = approval(4)
    assert base_sha(Base.RUNNING, one, "f" * 40, rows) == "f" * 40
    assert base_sha(Base.APPROVED, one, "f" * 40, [*rows, one]) == "1" * 40
    assert base_sha(Base.PREVIOUS, one, "f" * 40, [*rows, one, approval(5, sha="5" * 40)]) == "3" * 40
    assert base_sha(Base.PREVIOUS, rows[0], None, rows) is None
    carried_out = replace(one, existed=True, base_sha="0" * 40)
    assert base_sha(Base.RUNNING, carried_out, SHA, rows) == "0" * 40


def decision(id_, **rest):
    fields = {
        "at_ms": id_,
        "approval_id": id_,
        "agent": "alice",
        "kind": "spawn",
        "verdict": "approved",
        "sha": SHA,
        "decided_by": "operator",
        "note": None,
    }
    return chain.Decision(id=id_, **(fields | rest))


def chained(count):
    links, previous = [], chain.FIRST
    for number in range(1, count + 1):
        links.append(chain.link(decision(number), previous))
        previous = links[-1].hash
    return links


def test_a_whole_chain_holds():
    assert chain.verify_chain([]) is None
    assert chain.verify_chain(chained(5)) is None


@pytest.mark.parametrize("field", ["at_ms", "approval_id", "agent", "kind", "verdict", "sha", "decided_by", "note"])
def test_a_changed_field_breaks_the_chain_where_it_was_changed(field):
    links = chained(4)
    value = 99 if field in {"at_ms", "approval_id"} else "other"
    links[2] = replace(links[2], decision=replace(links[2].decision, **{field: value}))
    assert chain.verify_chain(links).id == 3


def test_a_row_that_was_taken_out_put_in_or_rehashed_breaks_the_chain():
    links = chained(4)
    assert chain.verify_chain(links[:1] + links[2:]).id == 3
    assert chain.verify_chain(links[1:]).id == 2
    forged = chain.link(decision(2, note="forged"), links[0].hash)
    assert chain.verify_chain([links[0], forged, *links[2:]]).id == 3


KEPT = (Path("/var/lib/hive"), Path("/run/hive-host"))


def check(source="/srv/project", target="/srv/project", there=True):
    checks.check_binds([Bind(source=source, target=target)], kept=KEPT, resolve=lambda path: path if there else None)


def test_a_folder_of_the_host_can_be_shown_to_an_agent():
    check()
    check(target="/home/project")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"source": "project"}, "bad_request"),
        ({"source": "/srv/../etc"}, "bad_request"),
        ({"there": False}, "bad_request"),
        ({"target": "project"}, "bad_request"),
        ({"target": "/"}, "bad_request"),
        ({"target": "/srv/../etc"}, "bad_request"),
        ({"target": "/run/hive/hive.sock"}, "forbidden"),
        ({"target": "/run"}, "forbidden"),
        ({"target": "/agents/bob"}, "forbidden"),
        ({"target": "/etc/passwd"}, "forbidden"),
        ({"source": "/"}, "forbidden"),
        ({"source": "/var/lib/hive/applied/alice"}, "forbidden"),
        ({"source": "/var"}, "forbidden"),
    ],
)
def test_a_bind_that_no_operator_can_want_is_refused(wrong, code):
    with pytest.raises(HiveError) as refused:
        check(**wrong)
    assert refused.value.code == code


def test_a_link_to_the_hives_own_folders_is_seen_through(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "innocent").symlink_to(tmp_path / "state")
    with pytest.raises(HiveError) as refused:
        checks.check_binds([Bind(source=str(tmp_path / "innocent"), target="/srv/x")], kept=(tmp_path / "state",))
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (ApprovalKind.APPLY_COMMIT, ApprovalStatus.APPROVED, ["approval_resolved", "rebuilt"]),
        (ApprovalKind.APPLY_COMMIT, ApprovalStatus.FAILED, ["approval_resolved", "rebuilt"]),
        (ApprovalKind.SPAWN, ApprovalStatus.APPROVED, ["approval_resolved", "spawned"]),
        (ApprovalKind.SPAWN, ApprovalStatus.DENIED, ["approval_resolved"]),
        (ApprovalKind.APPLY_COMMIT, ApprovalStatus.CANCELLED, ["approval_resolved"]),
    ],
)
def test_the_manager_gets_an_event_of_the_end_and_one_of_the_agent(kind, status, told):
    assert [event.event for event in reports.events(replace(approval(status=status), kind=kind))] == told


def test_the_page_has_every_status_step_and_tag():
    from actors.agent.repos import Mark

    page = (Path(__file__).parents[3] / "docs" / "approvals.md").read_text()
    assert " → ".join(step.value for step in steps.ROLL_OUT) in page
    assert " → ".join(step.value for step in steps.ROLL_BACK) in page
    for status, following in states.TRANSITIONS.items():
        line = next(
            line for line in page.splitlines() if line.startswith("| ") and f"`{status.value}`" in line.split("|")[1]
        )
        assert {one for one in ApprovalStatus if f"`{one.value}`" in line.split("|")[2]} == set(following)
    assert all(f"`{mark.value}/<id>`" in page for mark in Mark)
