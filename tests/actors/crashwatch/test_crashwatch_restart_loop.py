"""`hive verify` sees what comes up again and again, and a page that does not answer; one repair is no loop."""

import socket

import pytest

from actors.crashwatch.inspection import LOOP, inspect
from tests.actors.dashboard.test_dashboard_port import DashboardHive, free_port
from tests.actors.whole_hive import WholeHive
from tests.waiting import until

pytestmark = pytest.mark.slow


def promise(hive, name):
    return next(one for one in inspect(hive.directory, hive.config, hive.clock) if one.name == name)


def end(hive, name):
    before = hive.directory.actor(name)
    before.kill("a test")
    until(lambda: hive.directory.actor(name) not in (before, None), f"{name} is there again")


def test_a_component_that_starts_again_and_again_breaks_a_promise_and_one_repair_does_not():
    hive = WholeHive()
    try:
        end(hive, "quarantine")
        assert promise(hive, "actors").held
        child = hive.directory.actor("hive").children.get("quarantine")
        # As after that many ends; between them are the pauses of the supervisor.
        child.reasons.extend([(hive.clock.now_ms(), "a test")] * (LOOP - 1))
        found = promise(hive, "actors")
        assert found.held is False
        assert f"quarantine starts again and again, {LOOP} times in a minute" in found.detail
        child.reasons.extend([(hive.clock.now_ms() - 61_000, "a test")] * LOOP)
        assert promise(hive, "actors").held
    finally:
        hive.remove()


def test_a_page_that_does_not_answer_breaks_a_promise_and_the_reason_is_said(monkeypatch):
    monkeypatch.setattr("actors.dashboard.port.RETRY_SECONDS", 0.2)
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        hive = DashboardHive(port)
        found = promise(hive, "dashboard")
        assert found.held is False
        assert f"127.0.0.1:{port} is taken" in found.detail
    try:
        until(lambda: hive.node("web/page")["state"] == "answers", "the page answers")
        assert promise(hive, "dashboard").held
    finally:
        hive.remove()


def test_without_a_dashboard_nothing_is_missing():
    hive = WholeHive()
    try:
        assert promise(hive, "dashboard").held
    finally:
        hive.remove()
