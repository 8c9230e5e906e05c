import json
import stat

import pytest

from actors.daemon_settings import SETTINGS, DaemonSettings
from actors.operator_token import dashboard_url, read_or_make
from harness.wire.errors import HiveError


def test_config_show_tells_every_value_and_its_source(hive, run_dir):
    (run_dir / "hive.toml").write_text('claude_base_url = "http://me:secret@host/"\n')
    shown = json.loads(
        hive("config", "show", "--config", str(run_dir / "hive.toml"), "--web-port", "9", "--json").stdout
    )
    assert list(shown) == [setting.name for setting in SETTINGS]
    assert shown["web_port"] == {"value": 9, "source": "--web-port"}
    assert shown["run_dir"] == {"value": str(run_dir), "source": "HIVE_RUN_DIR"}
    assert shown["claude_base_url"] == {"value": "http://********@host/", "source": str(run_dir / "hive.toml")}
    assert shown["web_user"] == {"value": None, "source": "default"}


def test_config_show_as_a_table_warns_of_a_misspelt_variable(hive, monkeypatch):
    monkeypatch.setenv("HIVE_WEB_PROT", "1")
    result = hive("config", "show")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(SETTINGS) + 1
    assert result.stderr == "Warning: HIVE_WEB_PROT is no setting; did you mean HIVE_WEB_PORT?\n"


def test_the_token_is_made_once_and_only_its_owner_can_read_it(tmp_path):
    path = tmp_path / "state" / "operator.token"
    token = read_or_make(path)
    assert len(token) >= 43
    assert read_or_make(path) == token
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_token_others_can_read_is_refused(tmp_path):
    path = tmp_path / "operator.token"
    path.write_text("x" * 43)
    path.chmod(0o644)
    with pytest.raises(HiveError) as refusal:
        read_or_make(path)
    assert refusal.value.hint == f"rm {path}; a new one is made"


def test_a_token_behind_a_link_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("x" * 43)
    (tmp_path / "operator.token").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        read_or_make(tmp_path / "operator.token")


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("127.0.0.1", 7000, "http://127.0.0.1:7000/login#token=T"),
        ("0.0.0.0", 80, "http://127.0.0.1:80/login#token=T"),
        ("::1", 80, "http://[::1]:80/login#token=T"),
        ("192.0.2.10", 80, "http://127.0.0.1:80/login#token=T"),
        ("127.0.0.1", 0, None),
    ],
)
def test_the_dashboards_address_carries_the_token_where_no_server_logs_it(tmp_path, host, port, url):
    config = DaemonSettings(state_dir=tmp_path, run_dir=tmp_path, web_host=host, web_port=port)
    assert dashboard_url(config, "T") == url
