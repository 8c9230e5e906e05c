"""The setting `agent_env`: how it is read and shown, what doctor says of it, and that no refusal repeats a value."""

import pytest

from actors.agent.container.environment import check_extra
from actors.cli.doctor.finding import Level
from actors.cli.doctor.secrets import secrets
from actors.daemon_settings import BY_NAME, DaemonSettings, load
from actors.secrets.store import SecretStore
from actors.setting_kinds import SettingsError, read, shown
from harness.wire.errors import HiveError

SETTING = BY_NAME["agent_env"]
PASSWORD = "hunter2-hunter2"


def settings(tmp_path, **variables):
    return DaemonSettings(state_dir=tmp_path, run_dir=tmp_path / "run", agent_env=variables)


def test_it_is_a_table_in_the_file_and_words_in_the_environment(tmp_path):
    file = tmp_path / "hive.toml"
    file.write_text('web_port = 0\n[agent_env]\nTZ = "Europe/Berlin"\nHTTPS_PROXY = "secret:PROXY"\n')
    env = {"HOME": str(tmp_path), "HIVE_RUN_DIR": "/tmp/hive"}
    assert load({}, env, file).agent_env == {"TZ": "Europe/Berlin", "HTTPS_PROXY": "secret:PROXY"}
    assert load({}, env | {"HIVE_AGENT_ENV": "A='b c' D=e=f"}, file).agent_env == {"A": "b c", "D": "e=f"}
    assert load({}, env).agent_env == {}


@pytest.mark.parametrize(
    "raw",
    [PASSWORD, f"{PASSWORD}=x", [PASSWORD], 7, {"A": 7}, {"A": {"B": PASSWORD}}, {"A-B": PASSWORD}, {"A": PASSWORD + "\n"},
     {"A": PASSWORD + "\0"}, f"A='{PASSWORD}"],
)  # fmt: skip
def test_what_is_no_table_of_variables_is_refused_without_its_values(raw):
    with pytest.raises(SettingsError) as refused:
        read(SETTING, raw, "hive.toml")
    assert "agent_env" in refused.value.message
    assert PASSWORD not in refused.value.message + str(refused.value.hint)


def test_a_password_in_an_address_is_masked_where_it_is_shown():
    found = shown(SETTING, {"HTTPS_PROXY": f"http://me:{PASSWORD}@proxy:1", "TZ": "UTC", "X": "secret:X"})
    assert found == {"HTTPS_PROXY": "http://********@proxy:1", "TZ": "UTC", "X": "secret:X"}
    assert shown(SETTING, {}) is None


def test_what_the_hive_sets_itself_is_refused_with_its_place():
    with pytest.raises(HiveError, match=r"agent_env in hive\.toml\.HIVE_SOCKET is set by the hive"):
        check_extra({"HIVE_SOCKET": "/x"}, "agent_env in hive.toml")


def test_doctor_tells_of_missing_secrets_of_credentials_and_of_an_open_folder(tmp_path):
    assert secrets(settings(tmp_path)).text == "none"
    missing = secrets(settings(tmp_path, HTTPS_PROXY="secret:PROXY"))
    assert (missing.level, missing.hint) == (Level.BAD, "hive secret set PROXY")
    SecretStore(tmp_path).put("PROXY", f"http://me:{PASSWORD}@proxy:1")
    assert secrets(settings(tmp_path, HTTPS_PROXY="secret:PROXY")).level is Level.OK
    literal = secrets(settings(tmp_path, HTTPS_PROXY=f"http://me:{PASSWORD}@proxy:1"))
    assert literal.level is Level.WARN
    assert PASSWORD not in literal.text
    (tmp_path / "secrets").chmod(0o755)
    assert secrets(settings(tmp_path)).level is Level.BAD
