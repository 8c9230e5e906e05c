"""An agent starts with the values of its secrets; what is published, stored and told of it has none."""

import dataclasses
import json

import pytest

from actors.agent.registry import api
from actors.broker import api as broker
from actors.secrets.store import SecretStore
from harness.wire.errors import ErrorCode, HiveError
from tests.actors.agent.hive_parts import AgentHive
from tests.waiting import until

VALUE, VAULT = "s3cr3t-of-the-environment", "s3cr3t-of-the-vault"
CONFIG = """
[env]
TOKEN = "secret:TOKEN"
[extraMcpServers.plain]
command = "plain"
[extraMcpServers.vault]
command = "vault"
args = ["serve"]
env = { VAULT = "secret:VAULT", ROOT = "/srv" }
"""


@pytest.fixture
def hive():
    hive = AgentHive()
    yield hive
    hive.remove()


@pytest.fixture
def secrets(hive):
    return SecretStore(hive.workspace.state_dir)


def configure(hive, text, name="manager"):
    hive.workspace.of(name).applied_config.write_text(text)


def test_without_the_secret_the_start_is_refused_and_the_way_out_is_named(hive, secrets):
    configure(hive, CONFIG)
    secrets.put("OTHER", "another value")
    with pytest.raises(HiveError) as refused:
        api.restart(hive.directory, "manager")
    assert refused.value.code is ErrorCode.NOT_FOUND
    assert "env.TOKEN: there is no secret 'TOKEN'" in refused.value.message
    assert "`hive secret set TOKEN`" in refused.value.message
    assert "`hive secret set TOKEN`" in hive.row("manager").note
    secrets.put("TOKEN", VALUE)
    secrets.put("VAULT", VAULT)
    api.start(hive.directory, "manager")
    until(lambda: hive.row("manager").running)


def test_the_values_are_in_the_launch_and_in_no_file(hive, secrets):
    secrets.put("TOKEN", VALUE)
    secrets.put("VAULT", VAULT)
    configure(hive, CONFIG)
    api.restart(hive.directory, "manager")
    launch = hive.runtime.launches[-1]
    assert launch.env["TOKEN"] == VALUE
    assert VAULT not in launch.env.values()
    (sidecar,) = launch.sidecars
    assert (sidecar.socket, sidecar.command, sidecar.args) == ("mcp0", "vault", ("serve",))
    assert (sidecar.env["VAULT"], sidecar.env["ROOT"], sidecar.env["TOKEN"]) == (VAULT, "/srv", VALUE)
    assert not [name for name in sidecar.env if name.startswith(("ANTHROPIC", "CLAUDE"))]
    assert VALUE not in repr(launch)
    assert VAULT not in repr(launch)
    published = hive.workspace.of("manager").config_json.read_text()
    assert "secret:VAULT" in published
    for path in hive.place.rglob("*"):
        if path.is_file() and path.parent.name != "secrets":
            assert VALUE.encode() not in path.read_bytes(), path
            assert VAULT.encode() not in path.read_bytes(), path


@pytest.mark.slow
def test_variables_of_every_agent_come_from_the_settings_and_its_own_win(hive, secrets):
    secrets.put("PROXY", "http://me:pass@proxy:1")
    hive.context = dataclasses.replace(
        hive.context, agent_env={"TZ": "Europe/Berlin", "EDITOR": "vi", "HTTPS_PROXY": "secret:PROXY"}
    )
    hive.stop("registry")
    hive.boot_registry()
    api.spawn(hive.directory, "alice")
    configure(hive, '[env]\nEDITOR = "true"\n', "alice")
    api.restart(hive.directory, "alice")
    env = hive.runtime.launches[-1].env
    assert (env["TZ"], env["EDITOR"], env["HTTPS_PROXY"]) == ("Europe/Berlin", "true", "http://me:pass@proxy:1")


def test_what_an_agent_sends_and_reports_is_stored_without_the_values(hive, secrets):
    secrets.put("TOKEN", VALUE)
    with hive.client("manager") as client, hive.harness("manager") as harness:
        assert client.ask("send", to="operator", body=f"the token is {VALUE}")["ok"]
        assert harness.ask("publish", events=[{"kind": "note", "text": f"TOKEN={VALUE}"}])["ok"]
        assert client.ask("ask", question=f"shall I use {VALUE}?").get("code") != "internal"
    stored = b"".join(path.read_bytes() for path in (hive.place / "db").iterdir())
    assert b"the token is [secret:TOKEN]" in stored
    assert b"TOKEN=[secret:TOKEN]" in stored
    assert VALUE.encode() not in stored


def test_the_log_of_an_agent_is_shown_without_the_values(hive, secrets):
    secrets.put("TOKEN", VALUE)
    hive.workspace.of("manager").log.write_text(f"started\nTOKEN={VALUE}\n")
    assert api.journal(hive.directory, "manager") == ["started", "TOKEN=[secret:TOKEN]"]
    followed = api.follow_journal(hive.directory, "manager")
    assert next(iter(followed)) == ["started", "TOKEN=[secret:TOKEN]"]
    followed.close()


def test_the_report_of_a_crash_has_the_last_lines_without_the_values(hive, secrets):
    secrets.put("TOKEN", VALUE)
    hive.runtime.logs = lambda _paths, _lines: [f"died of {VALUE}"]
    api.spawn(hive.directory, "alice")
    hive.runtime.end("alice", 3)
    until(lambda: "[secret:TOKEN]" in json.dumps([str(hive.row("alice").note), *map(str, hive.mail("manager"))]) or
          hive.row("alice").running)  # fmt: skip
    assert VALUE not in json.dumps([str(hive.row("alice").note), *map(str, hive.mail("manager"))])


def test_the_broker_is_told_of_no_value(hive, secrets):
    secrets.put("TOKEN", VALUE)
    secrets.put("VAULT", VAULT)
    configure(hive, CONFIG)
    api.restart(hive.directory, "manager")
    broker.send(hive.directory, sender="operator", to="manager", body="hello")
    assert VALUE not in str(hive.mail("manager"))
