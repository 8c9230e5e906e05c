"""The hive's credential: where it is read, how a container is marked with it, when that mark is an old one."""

import os

import pytest

from actors.agent.credentials import Credential, CredentialKind, HiveCredentials
from actors.secrets.store import SecretStore
from harness.wire.constants import OAUTH_TOKEN
from harness.wire.errors import HiveError

TOKEN = "sk-ant-oat01-" + "a" * 40


@pytest.fixture
def store(tmp_path):
    return SecretStore(tmp_path)


@pytest.fixture
def make(tmp_path, store):
    """Credentials as a daemon that has just started reads them."""
    (tmp_path / "operator.token").write_text("salt")

    def made(key=None):
        if key is not None:
            (tmp_path / "key").write_text(key)
        return HiveCredentials(None if key is None else tmp_path / "key", store, tmp_path / "operator.token")

    return made


def test_without_a_key_and_a_token_there_is_none(make):
    assert make().read() is None


def test_the_token_is_taken_from_the_secret_store_and_a_key_comes_before_it(make, store):
    store.put(OAUTH_TOKEN, f"{TOKEN}\n")
    assert make().read() == Credential(CredentialKind.TOKEN, TOKEN)
    assert make("sk-key").read() == Credential(CredentialKind.KEY, "sk-key")
    assert TOKEN not in repr(make().read())


@pytest.mark.parametrize("key", ["", "  \n", "two words", "a\r\nx-other: 1", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"])
def test_what_is_no_single_word_never_becomes_a_header(make, store, key):
    with pytest.raises(HiveError, match="API key"):
        make(key).read()
    if key:
        store.put(OAUTH_TOKEN, key)
        with pytest.raises(HiveError, match=OAUTH_TOKEN):
            make().read()


def test_a_mark_tells_the_kind_and_of_a_value_in_the_container_which_one_it_is(make):
    credentials = make("sk-first")
    first = credentials.read()
    proxied, held = credentials.marker(first, held=False), credentials.marker(first, held=True)
    assert proxied == "key"
    assert "first" not in held
    assert credentials.is_current(proxied)
    assert credentials.is_current(held)
    assert not credentials.is_current("")
    assert not credentials.is_current("token")

    changed = make("sk-second")
    assert changed.is_current(proxied), "the proxy adds the new one"
    assert not changed.is_current(held)


def test_a_mark_holds_over_a_restart_of_the_daemon_and_is_no_plain_digest(make, tmp_path):
    credentials = make("sk-first")
    mark = credentials.marker(credentials.read(), held=True)
    assert make("sk-first").is_current(mark)
    (tmp_path / "operator.token").write_text("another salt")
    assert not make("sk-first").is_current(mark)


def test_a_credential_that_came_or_went_makes_every_other_mark_an_old_one(make, store):
    assert make().is_current("")
    assert not make().is_current("key")
    store.put(OAUTH_TOKEN, TOKEN)
    assert not make().is_current("")
    assert make().is_current("token")


def test_one_that_cannot_be_read_changes_nothing(make, tmp_path):
    credentials = make("sk-first")
    mark = credentials.marker(credentials.read(), held=True)
    (tmp_path / "key").unlink()
    with pytest.raises(HiveError):
        credentials.read()
    assert credentials.is_current(mark)
    assert make("").is_current("key"), "nothing is known, so nothing is restarted"


def test_a_token_ends_a_year_after_it_was_stored_and_a_key_does_not(make, store, tmp_path):
    store.put(OAUTH_TOKEN, TOKEN)
    os.utime(tmp_path / "secrets" / OAUTH_TOKEN, (1_000_000, 1_000_000))
    credentials = make()
    credentials.read()
    assert credentials.token_ends_ms == (1_000_000 + 365 * 86400) * 1000
    keyed = make("sk-key")
    keyed.read()
    assert keyed.token_ends_ms is None
