"""The settings: one table, four sources, one grammar of complaints."""

from dataclasses import fields
from pathlib import Path

import pytest

from actors.daemon_settings import (
    BY_NAME,
    LONGEST_SOCKET,
    MAX_SOCKET_PATH,
    SETTINGS,
    DaemonSettings,
    gather,
    load,
    stray,
)
from actors.setting_kinds import MASK, Kind, Setting, SettingsError, read, shown

HOME = {"HOME": "/home/u"}


def toml(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "hive.toml"
    path.write_text(text)
    return path


def test_the_defaults_of_one_user_are_xdg_folders():
    config = load({}, HOME)
    assert config.state_dir == Path("/home/u/.local/state/hyperhive")
    assert config.run_dir == Path("/home/u/.local/state/hyperhive/run")
    assert config.host_socket == config.run_dir / "host.sock"
    assert (config.runtime, config.web_host, config.web_port) == ("auto", "127.0.0.1", 7000)


def test_xdg_variables_move_them_and_a_relative_one_is_ignored():
    env = HOME | {"XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/run/user/1"}
    assert load({}, env).state_dir == Path("/s/hyperhive")
    assert load({}, env).run_dir == Path("/run/user/1/hyperhive")
    assert load({}, HOME | {"XDG_STATE_HOME": "s"}).state_dir == Path("/home/u/.local/state/hyperhive")


def test_a_hive_with_a_state_dir_of_its_own_keeps_its_sockets_there():
    config = load({"state_dir": "/other"}, HOME | {"XDG_RUNTIME_DIR": "/run/user/1"})
    assert config.run_dir == Path("/other/run")


def test_a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default(tmp_path):
    file = toml(tmp_path, 'web_port = 1\nweb_host = "::1"\nwave_width = 9\n')
    found = gather({"web_port": "3", "log_level": None}, HOME | {"HIVE_WEB_PORT": "2", "HIVE_WAVE_WIDTH": "8"}, file)
    assert found["web_port"] == (3, "--web-port")
    assert found["wave_width"] == (8, "HIVE_WAVE_WIDTH")
    assert found["web_host"] == ("::1", str(file))
    assert found["log_level"] == ("info", "default")


def test_the_file_is_the_named_one_then_the_users(tmp_path):
    users = tmp_path / "hyperhive"
    users.mkdir()
    toml(users, "web_port = 11")
    env = HOME | {"XDG_CONFIG_HOME": str(tmp_path)}
    assert load({}, env).web_port == 11
    named = toml(tmp_path, "web_port = 12")
    assert load({}, env | {"HIVE_CONFIG": str(named)}).web_port == 12
    assert load({}, env | {"HIVE_CONFIG": "/nowhere"}, named).web_port == 12


def test_a_file_that_was_named_must_exist(tmp_path):
    with pytest.raises(SettingsError, match="there is no settings file"):
        load({}, HOME, tmp_path / "none.toml")


GOOD = [
    ("state_dir", "~/x", Path.home() / "x"), ("web_port", "0", 0), ("web_port", 65535, 65535), ("wave_width", "1", 1),
    ("grace_seconds", "1.5", 1.5), ("grace_seconds", 0, 0.0), ("runtime", "bwrap", "bwrap"),
    ("claude_base_url", "http://127.0.0.1:8", "http://127.0.0.1:8"), ("claude_base_url", "", None),
    ("claude_cli", "", None), ("web_user", "www", "www"),
    ("agent_memory", "2G", 2 * 1024**3), ("agent_memory", 4096, 4096), ("agent_memory", "", None),
    ("agent_disk", "512MiB", 512 * 1024**2), ("agent_cpu", "1.5", 1.5), ("agent_cpu", 2, 2.0), ("agent_pids", "7", 7),
    ("auto_update", "false", False), ("auto_update", "true", True), ("auto_update", False, False),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw", "value"), GOOD)
def test_a_value_of_the_right_kind_is_read(name, raw, value):
    assert read(BY_NAME[name], raw, "test") == value


BAD = [
    ("state_dir", "relative"), ("state_dir", ""), ("state_dir", 3), ("web_port", "x"), ("web_port", 65536),
    ("web_port", -1), ("web_port", True), ("web_port", 1.5), ("wave_width", 0), ("grace_seconds", "inf"),
    ("grace_seconds", "nan"), ("grace_seconds", -1), ("grace_seconds", []), ("runtime", "docker"),
    ("claude_base_url", "ftp://x"), ("claude_base_url", "http://"), ("claude_base_url", "http://["),
    ("web_host", "a\nb"), ("default_model", ""), ("log_level", 3), ("auto_update", "no"), ("auto_update", 1),
    ("auto_update", []), ("agents_on_stop", "leave"), ("agent_memory", "0"), ("agent_memory", "lots"),
    ("agent_memory", True), ("agent_memory", "-1G"), ("agent_memory", "99999999T"), ("agent_memory", 1.5),
    ("agent_disk", []), ("agent_cpu", 0), ("agent_cpu", "inf"), ("agent_pids", 0), ("reserve_bytes", "1e9"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "raw"), BAD)
def test_a_value_of_another_kind_is_refused_in_one_grammar(name, raw):
    with pytest.raises(SettingsError) as refusal:
        read(BY_NAME[name], raw, "the test")
    assert refusal.value.message == f"expected {name} to be {BY_NAME[name].expected}, got {raw!r} (from the test)"
    assert refusal.value.hint


def test_an_unknown_key_and_a_near_choice_are_answered_with_a_guess(tmp_path):
    with pytest.raises(SettingsError, match="there is no setting 'web_prot'") as unknown:
        load({}, HOME, toml(tmp_path, "web_prot = 1"))
    assert unknown.value.hint == "did you mean 'web_port'?"
    with pytest.raises(SettingsError) as near:
        load({"runtime": "bwarp"}, HOME)
    assert near.value.hint == "did you mean 'bwrap'?"


def test_a_file_that_is_no_toml_is_refused_by_name(tmp_path):
    file = toml(tmp_path, "web_port = ")
    with pytest.raises(SettingsError, match=str(file)):
        load({}, HOME, file)


def test_a_misspelt_variable_is_noticed_and_a_foreign_one_is_not():
    env = {"HIVE_WEB_PROT": "1", "HIVE_WEB_PORT": "1", "HIVE_CONFIG": "x", "HIVE_TEST_REQUIRE": "all", "PATH": "/"}
    assert stray(env) == {"HIVE_WEB_PROT": "HIVE_WEB_PORT"}


def test_a_run_dir_too_long_for_the_longest_socket_is_refused_with_a_way_out():
    fits = "/" + "r" * (MAX_SOCKET_PATH - len(LONGEST_SOCKET) - 1)
    assert load({"run_dir": fits}, HOME).run_dir == Path(fits)
    with pytest.raises(SettingsError, match=r"got 1 more") as refusal:
        load({"run_dir": fits + "r"}, HOME)
    assert "HIVE_RUN_DIR=" in refusal.value.hint


def test_the_longest_socket_is_that_of_the_longest_name():
    from harness.wire.names import MAX_NAME_LENGTH

    assert LONGEST_SOCKET.split("/")[2] == "x" * MAX_NAME_LENGTH


def test_a_password_in_a_url_is_masked_where_it_is_shown():
    assert shown(BY_NAME["claude_base_url"], "http://me:secret@host:8/p?q") == f"http://{MASK}@host:8/p?q"
    assert shown(BY_NAME["claude_base_url"], "http://host/") == "http://host/"
    assert shown(BY_NAME["claude_base_url"], None) is None


def test_the_table_is_the_fields_of_the_config():
    assert [setting.name for setting in SETTINGS] == [item.name for item in fields(DaemonSettings)]
    for setting in SETTINGS:
        assert setting.help.endswith(".")
        assert setting.default
        assert bool(setting.choices) == (setting.kind is Kind.CHOICE)


def test_every_default_is_a_value_its_own_reader_takes():
    for item in fields(DaemonSettings):
        if isinstance(item.default, str | int | float):
            assert read(BY_NAME[item.name], item.default, "default") == item.default


def test_names_follow_from_the_key():
    setting = Setting(name="web_port", kind=Kind.PORT, help="h", default="0", optional=False)
    assert (setting.env, setting.flag) == ("HIVE_WEB_PORT", "--web-port")
