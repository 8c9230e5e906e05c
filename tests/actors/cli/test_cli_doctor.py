import json
import os
import sqlite3
from pathlib import Path

import pytest

from actors.cli import doctor_checks
from actors.cli.boundary.promises import PROMISES
from actors.cli.doctor_checks import Level
from actors.daemon_settings import DaemonSettings
from harness.wire.operator_api import NamesReply
from tests.needs import needs


def config(tmp_path: Path, **more) -> DaemonSettings:
    return DaemonSettings(state_dir=tmp_path / "state", run_dir=tmp_path / "run", **more)


@pytest.mark.parametrize(
    ("version", "word"),
    [((3, 6, 23), "free"), ((3, 7, 0), "has"), ((3, 40, 1), "has"), ((3, 51, 2), "has"), ((3, 51, 3), "free")],
)
def test_the_verdict_on_sqlite_follows_its_version(version, word):
    assert doctor_checks.wal_verdict(version).startswith(word)


def test_the_sqlite_that_is_judged_is_the_one_in_use(tmp_path):
    assert doctor_checks.sqlite(config(tmp_path)).text.startswith(sqlite3.sqlite_version)


def test_the_claude_that_came_along_is_found_and_a_configured_one_is_believed(tmp_path):
    bundled = doctor_checks.claude_program(config(tmp_path))
    assert bundled.name == "claude"
    assert doctor_checks.claude_program(config(tmp_path, claude_cli=Path("/opt/claude"))) == Path("/opt/claude")


@pytest.mark.slow
def test_the_claude_that_came_along_runs(tmp_path):
    found = doctor_checks.claude(config(tmp_path))
    assert (found.level, "Claude Code" in found.text) == (Level.OK, True)


def test_a_claude_that_does_not_run_is_bad(tmp_path):
    found = doctor_checks.claude(config(tmp_path, claude_cli=Path("/bin/false")))
    assert (found.level, found.hint) == (Level.BAD, "set claude_cli to one that does")


@pytest.mark.parametrize(
    ("uid", "runtime", "level"),
    [
        (1000, "bwrap", Level.BAD), (1000, "auto", Level.WARN), (1000, "process", Level.OK),
        (0, "auto", Level.BAD), (0, "process", Level.OK),
    ],
)  # fmt: skip
def test_a_missing_sandbox_is_as_bad_as_the_runtime_needs_it(tmp_path, monkeypatch, uid, runtime, level):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert doctor_checks.bwrap(config(tmp_path, runtime=runtime)).level is level


@needs("bwrap")
def test_a_sandbox_that_works_is_reported_with_whom_the_agents_are(tmp_path):
    found = doctor_checks.bwrap(config(tmp_path, runtime="bwrap"))
    assert found.level is Level.OK
    assert ("a uid of its own" if os.geteuid() == 0 else "this user") in found.text
    assert "no user namespace inside" in found.text


def test_a_disk_that_is_nearly_full_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor_checks, "EMPTY_BYTES", 10**18)
    found = doctor_checks.disk(config(tmp_path))
    assert (found.level, found.hint) == (Level.BAD, "free disk space, or set state_dir elsewhere")


@pytest.mark.slow
def test_the_report_shows_every_check_and_the_exit_code_whether_one_is_bad(daemon, hive, monkeypatch):
    daemon.answers["list"] = NamesReply(agents=["alice"])
    monkeypatch.setenv("HIVE_CLAUDE_CLI", "/bin/false")
    monkeypatch.setenv("HIVE_WEB_PROT", "1")
    result = hive("doctor", "--json")
    found = {row["check"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert len(found) == len(doctor_checks.CHECKS) + len(PROMISES)
    assert found["claude"]["level"] == "bad"
    assert found["environment"]["text"] == "no setting: HIVE_WEB_PROT (did you mean HIVE_WEB_PORT?)"
    assert found["daemon"]["text"].endswith("1 agents")
    assert "Try: claude: set claude_cli" in hive("doctor").stderr


def test_a_daemon_that_hangs_up_is_a_warning_not_a_crash(daemon, tmp_path):
    daemon.answers["list"] = lambda _frame: daemon.hang_up() or NamesReply(agents=[])
    found = doctor_checks.daemon(DaemonSettings(state_dir=tmp_path, run_dir=daemon.run_dir))
    assert found.level is Level.WARN
