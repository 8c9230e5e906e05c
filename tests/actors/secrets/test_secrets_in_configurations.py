"""Secrets in configurations: references, credentials that stand there as they are, and who uses what. Pure."""

import pytest

from actors.agent import config as agent_config
from actors.approvals.checks import check_config
from actors.approvals.review.remarks import remarks
from actors.secrets.credentials import is_credential, literal_credentials
from actors.secrets.references import references, resolved
from actors.secrets.users import users
from harness.wire.errors import HiveError, not_found

TEXT = """
[env]
GH_TOKEN = "secret:GH"
EDITOR = "true"

[extraMcpServers.files]
command = "serve"
[extraMcpServers.files.env]
ROOT = "/srv"

[extraMcpServers.db]
command = "db"
[extraMcpServers.db.env]
DSN = "secret:DSN"
GH = "secret:GH"
"""


def parsed(text):
    return agent_config.parse(text, default_model="haiku")


def test_references_have_a_place_and_a_name():
    assert references(parsed(TEXT)) == [
        ("env.GH_TOKEN", "GH"),
        ("extraMcpServers.db.env.DSN", "DSN"),
        ("extraMcpServers.db.env.GH", "GH"),
    ]


def test_only_servers_with_secrets_run_beside_the_container():
    assert parsed(TEXT).sidecars() == {"db": "mcp0"}


def test_a_reference_to_an_impossible_name_is_refused_when_it_is_proposed_and_still_read():
    for name in ("", "a/b", "../x", "a b"):
        text = f'[env]\nA = "secret:{name}"\n'
        parsed(text)
        with pytest.raises(HiveError, match=r"env\.A: .* is no name of a secret"):
            check_config(text, parse=parsed, kept=())


def test_values_take_the_place_of_references_and_a_lack_names_the_place():
    def value(name):
        if name == "GH":
            return "value"
        raise not_found(f"secret {name!r}", "`hive secret set`")

    assert resolved({"A": "secret:GH", "B": "x"}, "env", value) == {"A": "value", "B": "x"}
    with pytest.raises(HiveError, match=r"env\.A: there is no secret 'NO'"):
        resolved({"A": "secret:NO"}, "env", value)


def test_the_review_names_secrets_that_do_not_exist_with_the_way_out():
    said = remarks(parsed(TEXT), {}, isolates_network=True, known_secrets={"DSN"})
    assert said == [
        f"{place} needs the secret GH, which does not exist: `hive secret set GH` before you approve"
        for place in ("env.GH_TOKEN", "extraMcpServers.db.env.GH")
    ]
    assert remarks(parsed(TEXT), {}, isolates_network=True, known_secrets={"DSN", "GH"}) == []


@pytest.mark.parametrize(
    ("variable", "value", "is_one"),
    [
        ("X", "sk-ant-api03-" + "a1B2" * 10, True),
        ("X", "ghp_" + "a1B2c3D4" * 5, True),
        ("X", "github_pat_" + "a1B2c3D4" * 5, True),
        ("X", "AKIA" + "ABCDEFGH12345678", True),
        ("X", "-----BEGIN RSA PRIVATE KEY-----", True),
        ("HTTPS_PROXY", "http://user:pass@proxy:3128", True),
        ("DATABASE_URL", "postgresql://app:hunter22@db/app", True),
        ("HTTPS_PROXY", "http://proxy:3128", False),
        ("API_TOKEN", "q8Zr4LmX0pTt", True),
        ("DB_PASSWORD", "correct-horse-battery", True),
        ("API_TOKEN", "secret:TOKEN", False),
        ("API_TOKEN", "aaaaaaaaaaaaaaaaaaaa", False),
        ("KEY", "short", False),
        ("SSL_KEY", "/etc/ssl/private/key.pem", False),
        ("TOKEN_URL", "https://auth.example.org/token", False),
        ("EDITOR", "true", False),
        ("MONKEYS", "q8Zr4LmX0pTt", False),
    ],
)
def test_credentials_are_told_from_other_values(variable, value, is_one):
    assert is_credential(variable, value) is is_one


def test_a_credential_in_the_configuration_is_a_remark_that_does_not_repeat_it():
    token = "ghp_" + "a1B2c3D4" * 5
    text = f"""
    prompt = "use {token}"
    [env]
    GH_TOKEN = "{token}"
    [extraMcpServers.db]
    command = "db"
    args = ["--api-token=q8Zr4LmX0pTt", "plain"]
    [extraMcpServers.db.env]
    DB_PASSWORD = "q8Zr4LmX0pTt"
    """
    config = parsed(text)
    assert literal_credentials(config) == [
        ("env.GH_TOKEN", "GH_TOKEN"),
        ("extraMcpServers.db.env.DB_PASSWORD", "DB_PASSWORD"),
        ("extraMcpServers.db.args[0]", "DB"),
        ("prompt", "NAME"),
    ]
    said = remarks(config, {}, isolates_network=True)
    assert len(said) == 4
    assert '`hive secret set GH_TOKEN`, then "secret:GH_TOKEN" in its place' in said[0]
    assert not [one for one in said if token in one or "q8Zr4LmX0pTt" in one]


@pytest.mark.parametrize(
    ("words", "places"),
    [
        ('command = "/shared/serve"', ["command"]),
        ('command = "python3"\nargs = ["-I", "/agents/alice/state/serve.py"]', ["args[1]"]),
        ('command = "python3"\nargs = ["/srv/own/serve.py", "/srv/given/serve.py"]', ["args[0]"]),
        ('command = "mcp-server-files"\nargs = ["/shared"]', []),
    ],
)
def test_a_program_that_the_agent_can_change_is_a_remark(words, places):
    text = f"""
    [[binds]]
    source = "/srv/own"
    target = "/srv/own"
    writable = true
    [[binds]]
    source = "/srv/given"
    target = "/srv/given"
    [extraMcpServers.db]
    {words}
    env = {{T = "secret:T"}}
    """
    said = remarks(parsed(text), {}, isolates_network=True, known_secrets={"T"})
    assert [one.partition(" ")[0] for one in said] == [f"extraMcpServers.db.{place}" for place in places]
    assert remarks(parsed(text.replace("secret:T", "x")), {}, isolates_network=True) == []


def test_users_are_agents_and_the_setting():
    assert users({"alice": parsed(TEXT), "bob": parsed("")}, {"HTTPS_PROXY": "secret:GH", "TZ": "UTC"}) == {
        "GH": ["alice", "agent_env in hive.toml"],
        "DSN": ["alice"],
    }
