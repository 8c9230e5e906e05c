"""Two daemons share nothing: the second one is refused before it makes, changes or deletes anything."""

import subprocess
import sys

import pytest

from actors.daemon_locks import held, port_lock
from actors.daemon_settings import DaemonSettings
from actors.setting_kinds import SettingsError
from harness.wire.errors import HiveError
from tests.needs import needs, needs_root


def config(place, name="first", **settings):
    return DaemonSettings(
        **{"state_dir": place / name / "state", "run_dir": place / name / "run", "web_port": 0, **settings}
    )


def everything(place):
    return {path: path.lstat().st_mtime_ns for path in place.rglob("*")}


@pytest.mark.parametrize("shared", ["state_dir", "run_dir", "web_port"])
def test_a_second_daemon_is_refused_by_the_name_of_the_setting_and_leaves_nothing(tmp_path, shared):
    first = config(tmp_path, web_port=7411)
    with held(first):
        before = everything(tmp_path)
        second = config(tmp_path, "second", **{"web_port": 7412, shared: getattr(first, shared)})
        with (
            pytest.raises(HiveError, match=f"already (runs on|has).*{getattr(first, shared)}") as refused,
            held(second),
        ):
            pass
        assert everything(tmp_path) == before
    assert shared in refused.value.hint


def test_two_daemons_that_share_nothing_run_side_by_side(tmp_path):
    with held(config(tmp_path, web_port=7411)), held(config(tmp_path, "second", web_port=7412)):
        pass


def test_what_a_daemon_has_held_is_free_after_its_end_and_no_lock_of_a_port_is_left(tmp_path):
    first = config(tmp_path, web_port=7411)
    for _ in range(2):
        with held(first):
            assert port_lock(7411).exists()
    assert not port_lock(7411).exists()


def test_a_lock_file_that_lost_its_name_meanwhile_locks_nothing(tmp_path):
    first = config(tmp_path)
    with held(first):
        (first.state_dir / "hive.lock").unlink()  # as an operator does who finds the file in his way
        (first.run_dir / "hive.lock").unlink()
    with held(first), pytest.raises(HiveError, match="already runs"), held(first):
        pass


@pytest.mark.parametrize("setting", ["state_dir", "run_dir"])
def test_a_folder_that_cannot_be_made_is_named_with_its_setting(tmp_path, setting):
    with (
        pytest.raises(SettingsError, match="cannot create /proc/hive: ") as refused,
        held(config(tmp_path, **{setting: type(tmp_path)("/proc/hive")})),
    ):
        pass
    assert refused.value.hint == f"set {setting} to a folder that you may write to"


def test_a_place_for_the_ports_lock_that_is_not_ours_refuses_nothing(tmp_path, monkeypatch, caplog):
    foreign = tmp_path / "foreign"
    foreign.write_text("")
    monkeypatch.setattr("actors.daemon_locks.port_lock", lambda port: foreign / f"port-{port}.lock")
    with held(config(tmp_path, web_port=7411)):
        assert "no lock for the port port=7411" in caplog.text


@needs("unshare")
@needs_root
def test_one_port_in_two_network_namespaces_is_two_ports():
    """The same number, on a machine's network and in a namespace of its own."""
    ask = "from actors.daemon_locks import port_lock; print(port_lock(7411))"
    inside = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", ask], capture_output=True, text=True, check=True
    ).stdout.strip()
    assert inside != str(port_lock(7411))
