"""The operator's verbs on secrets: who may ask them, and that no log has a value."""

import logging

import pytest

from tests.actors.whole_hive import WholeHive, Wire

VALUE = "s3cr3t-over-the-wire"


@pytest.fixture(scope="module")
def hive():
    hive = WholeHive()
    yield hive
    hive.remove()


@pytest.fixture
def operator(hive):
    with hive.host() as client:
        yield client


def test_a_secret_is_set_listed_and_deleted(hive, operator):
    assert operator.ask("set_secret", name="TOKEN", value=VALUE)["used_by"] == []
    listed = operator.ask("secrets")
    assert [(row["name"], row["size"], row["used_by"]) for row in listed["secrets"]] == [("TOKEN", len(VALUE), [])]
    assert VALUE not in str(listed)
    assert operator.ask("delete_secret", name="TOKEN")["ok"]
    assert operator.ask("delete_secret", name="TOKEN")["code"] == "not_found"


def test_what_is_used_is_not_deleted_unless_it_is_forced(hive, operator):
    applied = hive.app.agents.workspace.of("manager").applied_config
    before = applied.read_text()
    applied.write_text('[env]\nA = "secret:USED"\nB = "secret:GONE"\n')
    try:
        assert operator.ask("set_secret", name="USED", value=VALUE)["used_by"] == ["manager"]
        assert operator.ask("secrets")["missing"] == {"GONE": ["manager"]}
        refused = operator.ask("delete_secret", name="USED")
        assert refused["code"] == "conflict"
        assert "manager" in refused["error"]
        assert operator.ask("delete_secret", name="USED", force=True)["ok"]
    finally:
        applied.write_text(before)


def test_the_page_reads_names_and_sets_nothing(hive, operator):
    operator.ask("set_secret", name="TOKEN", value=VALUE)
    with Wire(hive.config.run_dir / "web.sock") as page:
        assert VALUE not in str(page.ask("secrets"))
        assert page.ask("set_secret", name="TOKEN", value="x")["code"] == "unknown_command"
        assert page.ask("delete_secret", name="TOKEN")["code"] == "unknown_command"
    with hive.agent("manager") as agent:
        for cmd in ("secrets", "set_secret", "delete_secret"):
            assert agent.ask(cmd, name="TOKEN")["code"] == "unknown_command"


@pytest.mark.parametrize(
    "arguments",
    [
        {"name": "TOKEN", "value": VALUE},
        {"name": "../x", "value": VALUE},
        {"name": "TOKEN", "value": VALUE, "unknown": VALUE},
        {"name": "TOKEN", "value": [VALUE]},
        {"name": "TOKEN", "value": VALUE * 5000},
        {"name": "TOKEN", "value": VALUE + "\0"},
        {"value": VALUE},
    ],
    ids=["good", "bad name", "unknown key", "a list", "too long", "a zero", "no name"],
)
def test_neither_a_log_nor_an_answer_has_the_value_of_a_request(hive, operator, caplog, capfd, arguments):
    caplog.set_level(logging.DEBUG)
    answer = operator.ask("set_secret", **arguments)
    assert VALUE not in str(answer)
    assert VALUE not in caplog.text
    assert VALUE not in "".join(capfd.readouterr())


def test_a_store_that_fails_tells_no_value(hive, operator, caplog, monkeypatch):
    def fail(*_):
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr("actors.secrets.store.SecretStore.put", fail)
    caplog.set_level(logging.DEBUG)
    assert operator.ask("set_secret", name="TOKEN", value=VALUE)["code"] == "internal"
    assert "the disk is on fire" in caplog.text
    assert VALUE not in caplog.text


def test_the_token_of_the_hive_is_one_word_and_is_not_taken_away_by_the_way(hive, operator):
    name, token = "CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-token"
    for wrong in ("two words", "a\r\nx-other: 1"):
        assert operator.ask("set_secret", name=name, value=wrong)["code"] == "bad_request"
    assert operator.ask("set_secret", name=name, value=f" {token}\n")["used_by"] == ["every agent"]
    assert hive.app.agents.secrets.value(name) == token
    assert operator.ask("delete_secret", name=name)["code"] == "conflict"
    assert operator.ask("delete_secret", name=name, force=True)["ok"]
