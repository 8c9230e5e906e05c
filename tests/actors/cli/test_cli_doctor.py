import json
import os
import socket
import sqlite3
import time
from pathlib import Path

import pytest

from actors.agent.runtime.cgroup import Place
from actors.cli.boundary.promises import PROMISES
from actors.cli.doctor import checks, clocks, disk, folders, harness, links, model, port, programs, sandboxes
from actors.cli.doctor.daemon import daemon as daemon_check
from actors.cli.doctor.finding import Level
from actors.cli.doctor.limits import cgroup
from actors.daemon_settings import DaemonSettings
from actors.secrets.store import SecretStore
from harness.proxy import reach
from harness.rehearsal.server import Rehearsal
from harness.wire.operator_api import NamesReply
from tests.needs import needs

EIGHT_HOURS = 8 * 3600.0


def config(tmp_path: Path, **more) -> DaemonSettings:
    return DaemonSettings(state_dir=tmp_path / "state", run_dir=tmp_path / "run", **more)


@pytest.mark.parametrize(
    ("version", "word"),
    [((3, 6, 23), "free"), ((3, 7, 0), "has"), ((3, 40, 1), "has"), ((3, 51, 2), "has"), ((3, 51, 3), "free")],
)
def test_the_verdict_on_sqlite_follows_its_version(version, word):
    assert programs.wal_verdict(version).startswith(word)


def test_the_sqlite_that_is_judged_is_the_one_in_use(tmp_path):
    assert programs.sqlite(config(tmp_path)).text.startswith(sqlite3.sqlite_version)


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["process", pytest.param("bwrap", marks=needs("bwrap")(pytest.mark.slow))])
def test_the_real_harness_runs_the_real_claude_in_a_real_sandbox(tmp_path, runtime):
    found = harness.harness(config(tmp_path, runtime=runtime))
    assert (found.level, "Claude Code" in found.text, f"container of {runtime}" in found.text) == (Level.OK, True, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_claude_that_does_not_run_is_bad_and_named(tmp_path):
    found = harness.harness(config(tmp_path, runtime="process", claude_cli=Path("/bin/false")))
    assert found.level is Level.BAD
    assert found.text == "/bin/false --version ended with 1"


@pytest.mark.slow
def test_a_key_that_cannot_be_read_is_what_stops_the_harness_and_the_model(tmp_path):
    settings = config(tmp_path, runtime="process", claude_api_key_file=tmp_path / "none")
    for found in (harness.harness(settings), model.model(settings)):
        assert (found.level, found.hint) == (Level.BAD, "see claude_api_key_file")
        assert str(tmp_path / "none") in found.text


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
    assert sandboxes.bwrap(config(tmp_path, runtime=runtime)).level is level
    decided = sandboxes.runtime(config(tmp_path, runtime=runtime)).level
    assert decided is (Level.WARN if runtime == "process" else level)


@needs("bwrap")
def test_a_sandbox_that_works_is_reported_with_whom_the_agents_are(tmp_path):
    found = sandboxes.bwrap(config(tmp_path, runtime="bwrap"))
    assert found.level is Level.OK
    assert ("a uid of its own" if os.geteuid() == 0 else "this user") in found.text
    assert "no user namespace inside" in found.text


def test_a_disk_with_less_than_half_of_the_reserve_is_bad_as_it_is_for_the_daemon(tmp_path):
    found = disk.disk(config(tmp_path, reserve_bytes=10**18))
    assert (found.level, found.hint) == (Level.BAD, "free disk space, or set state_dir elsewhere")
    assert "no agent begins a turn" in found.text


def test_quotas_beyond_what_is_free_are_a_warning(tmp_path):
    for name, limit in (("alice", "1000000G"), ("bob", "1000000G")):
        applied = tmp_path / "state/applied" / name
        applied.mkdir(parents=True)
        (applied / "agent.toml").write_text(f'[limits]\ndisk = "{limit}"\n')
    found = disk.disk(config(tmp_path))
    assert found.level is Level.WARN
    assert "the quotas of 2 agents allow 2000000.0 GiB more" in found.text


def test_a_file_from_the_future_shows_a_clock_that_is_behind(tmp_path):
    database = tmp_path / "state/db/hive.sqlite"
    database.parent.mkdir(parents=True)
    database.touch()
    os.utime(database, (time.time() + 8 * 3600,) * 2)
    found = clocks.clock(config(tmp_path))
    assert found.level is Level.BAD
    assert found.text.startswith("the clock is behind by at least 28")
    assert str(database) in found.text
    assert clocks.clock(config(tmp_path / "other")).level is Level.OK


def test_the_lock_of_a_hive_that_does_not_answer_here_is_bad_and_names_its_process(tmp_path):
    import fcntl

    path = tmp_path / "state/hive.lock"
    path.parent.mkdir()
    without_a_port = config(tmp_path, web_port=0)  # which a hive of the machine's owner may have
    with path.open("w") as held:
        assert folders.lock(without_a_port).level is Level.OK
        fcntl.flock(held, fcntl.LOCK_EX)
        found = folders.lock(without_a_port)
    assert found.level is Level.BAD
    assert found.text.startswith(f"a hive already runs on {path.parent}: process {os.getpid()} (")


def test_the_lock_and_the_port_of_the_hive_that_runs_here_are_in_order(daemon, tmp_path):
    import fcntl

    daemon.answers["list"] = NamesReply(agents=["alice"])
    with socket.create_server(("127.0.0.1", 0)) as taken, (tmp_path / "hive.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        here = DaemonSettings(state_dir=tmp_path, run_dir=daemon.run_dir, web_port=taken.getsockname()[1])
        elsewhere = DaemonSettings(state_dir=tmp_path, run_dir=tmp_path, web_port=taken.getsockname()[1])
        for check in (folders.lock, port.port):
            assert check(here).level is Level.OK
            assert "held by the hive that runs here" in check(here).text
            assert check(elsewhere).level is Level.BAD


@pytest.mark.parametrize(
    ("status", "has_key", "level", "word"),
    [
        (200, True, Level.OK, "takes the key"), (401, True, Level.BAD, "refuses the key"),
        (401, False, Level.OK, "answers"), (404, True, Level.OK, "answers"), (529, True, Level.WARN, "529"),
    ],
)  # fmt: skip
def test_what_the_model_answers_says_what_is_missing(status, has_key, level, word):
    found = model.verdict("http://model", status, has_key=has_key)
    assert (found.level, word in found.text) == (level, True)


def test_a_clock_that_is_far_from_the_models_is_bad_and_a_close_one_is_not(tmp_path, monkeypatch):
    far = int(EIGHT_HOURS * 1000)
    assert reach.ahead_seconds(["Tue, 14 Nov 2023 22:13:20 GMT"], 1_700_000_000_000 + far) == EIGHT_HOURS
    assert reach.ahead_seconds([], 0) is reach.ahead_seconds(["soon"], 0) is None
    for ahead, level in ((EIGHT_HOURS, Level.BAD), (-EIGHT_HOURS, Level.BAD), (2.5, Level.OK), (None, Level.OK)):
        monkeypatch.setattr(model, "reach", lambda _, ahead=ahead: {"status": 200, "ahead_seconds": ahead})
        found = model.model(config(tmp_path, agent_env={"CLAUDE_CODE_OAUTH_TOKEN": "secret:token"}))
        assert found.level is level
        assert (level is Level.OK) or f"clock is {ahead:+.0f} s from" in found.text


@pytest.mark.slow
def test_a_real_answer_is_reached_over_the_proxys_own_way(tmp_path):
    key = tmp_path / "key"
    key.write_text("k" * 40)
    with Rehearsal([]) as server:
        found = model.model(config(tmp_path, claude_base_url=server.url, claude_api_key_file=key))
    assert (found.level, server.url in found.text) == (Level.OK, True)


def test_without_a_key_the_agents_without_a_login_are_named_the_manager_first(tmp_path, monkeypatch):
    monkeypatch.setattr(model, "reach", lambda _: {"status": 401})
    for name in ("alice", "bob"):
        (tmp_path / "state/applied" / name).mkdir(parents=True)
        (tmp_path / "state/applied" / name / "agent.toml").touch()
    login = tmp_path / "state/agents/bob/claude/.credentials.json"
    login.parent.mkdir(parents=True)
    login.touch()
    found = model.model(config(tmp_path))
    assert (found.level, found.hint) == (Level.WARN, "hive login --all; or set claude_api_key_file")
    assert found.text.endswith("these agents have no login: manager, alice")
    key = tmp_path / "key"
    key.write_text("k" * 40)
    assert model.model(config(tmp_path, agent_env={"CLAUDE_CODE_OAUTH_TOKEN": "secret:token"})).level is Level.OK
    assert "refuses the key" in model.model(config(tmp_path, claude_api_key_file=key)).text
    SecretStore(tmp_path / "state").put("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-token")
    refused = model.model(config(tmp_path))
    assert ("refuses the token" in refused.text, refused.hint) == (True, "`hive login --all`")


@pytest.mark.slow
def test_a_model_that_cannot_be_reached_is_bad_and_named(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port_ = free.getsockname()[1]
    found = model.model(config(tmp_path, claude_base_url=f"http://127.0.0.1:{port_}"))
    assert found.level is Level.BAD
    assert f"http://127.0.0.1:{port_} cannot be reached" in found.text


def test_a_limit_that_cannot_be_set_is_said_with_its_reason(tmp_path, monkeypatch):
    settings = config(tmp_path)
    monkeypatch.setattr("actors.agent.runtime.cgroup._of_this_process", lambda: (Place(tmp_path, "/", 2),))
    found = cgroup(settings)  # a folder that may be written to and is no control group
    assert found.level is Level.WARN
    assert "there is no cgroup with memory to write to here" in found.text


def test_links_on_the_way_to_a_program_are_followed_one_by_one(tmp_path):
    shown, hidden = tmp_path / "shown", tmp_path / "hidden"
    for folder in (shown, hidden):
        folder.mkdir()
    (shown / "real").touch()
    (hidden / "middle").symlink_to("../shown/real")
    (shown / "first").symlink_to(hidden / "middle")
    (shown / "second").symlink_to("first")
    (shown / "dangling").symlink_to("nowhere")
    assert links.trouble_on_the_way(shown / "real", [shown]) is None
    assert f"{shown}/first to {hidden}/middle, which a sandbox" in links.trouble_on_the_way(shown / "second", [shown])
    assert links.trouble_on_the_way(shown / "second", [shown, hidden]) is None
    assert f"leads to {shown}/nowhere, and that does" in links.trouble_on_the_way(shown / "dangling", [shown])


@pytest.mark.slow
def test_the_report_shows_every_check_and_the_exit_code_whether_one_is_bad(daemon, hive, monkeypatch):
    daemon.answers["list"] = NamesReply(agents=["alice"])
    monkeypatch.setenv("HIVE_CLAUDE_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HIVE_RUNTIME", "process")
    monkeypatch.setenv("HIVE_WEB_PROT", "1")
    result = hive("doctor", "--json")
    found = {row["check"]: row for row in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert len(found) == len(checks.CHECKS) + len(PROMISES)
    assert found["model"]["level"] == "bad"
    assert found["environment"]["text"] == "no setting: HIVE_WEB_PROT (did you mean HIVE_WEB_PORT?)"
    assert found["daemon"]["text"].endswith("1 agents")


def test_only_the_named_checks_are_made_and_a_wrong_name_is_refused(hive):
    result = hive("doctor", "git", "disk", "--json")
    assert [row["check"] for row in json.loads(result.stdout)] == ["disk", "git"]
    assert result.exit_code == 0
    assert hive("doctor", "weather").exit_code == 2


def test_every_check_reports_under_the_name_by_which_it_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(model, "reach", lambda _: {"status": 200})
    for name, check in checks.CHECKS.items():
        if name != "harness":
            assert check(config(tmp_path, runtime="process")).check == name


def test_a_daemon_that_hangs_up_is_a_warning_not_a_crash(daemon, tmp_path):
    daemon.answers["list"] = lambda _frame: daemon.hang_up() or NamesReply(agents=[])
    found = daemon_check(DaemonSettings(state_dir=tmp_path, run_dir=daemon.run_dir))
    assert found.level is Level.WARN
