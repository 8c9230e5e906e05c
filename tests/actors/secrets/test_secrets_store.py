"""The secret store on a disk: names, values, permissions, and what lies in the way."""

import os

import pytest

from actors.secrets.store import MAX_BYTES, SecretStore
from harness.wire.errors import HiveError

VALUE = "s3cr3t-value"


@pytest.fixture
def store(tmp_path):
    return SecretStore(tmp_path)


def refusal(call, *arguments):
    with pytest.raises(HiveError) as caught:
        call(*arguments)
    return caught.value


def test_a_value_is_stored_for_its_owner_alone_and_replaced_as_a_whole(store, tmp_path):
    before = os.umask(0)
    try:
        store.put("TOKEN", VALUE)
        store.put("TOKEN", "another")
    finally:
        os.umask(before)
    folder = tmp_path / "secrets"
    assert store.value("TOKEN") == "another"
    assert [path.name for path in folder.iterdir()] == ["TOKEN"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / "TOKEN").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("value", ["a\nb\n", "ü€😀", " space ", "x" * MAX_BYTES])
def test_a_value_comes_back_as_it_was(store, value):
    store.put("A", value)
    assert SecretStore(store._folder.parent).value("A") == value


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "a/b", "/etc/passwd", ".part", "-x", "1a", "a b", "a\n", "é", "a" * 65, "a\0b"]
)
def test_no_name_is_a_path(store, tmp_path, name):
    for call in (lambda: store.put(name, VALUE), lambda: store.value(name), lambda: store.delete(name)):
        assert refusal(call).code == "bad_request"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("value", ["", "a\0b", VALUE + "\ud800", VALUE + "x" * MAX_BYTES])
def test_a_refused_value_is_not_repeated(store, value):
    error = refusal(store.put, "A", value)
    assert error.code == "bad_request"
    assert VALUE not in str(error) + str(error.hint)


def test_what_is_not_there_is_named_with_the_way_out(store):
    for call in (store.value, store.delete):
        error = refusal(call, "TOKEN")
        assert error.code == "not_found"
        assert "hive secret set" in error.hint
    store.put("OTHER", VALUE)
    assert "`hive secret set TOKEN`" in refusal(store.value, "TOKEN").hint


def test_entries_tell_no_value(store):
    assert store.entries() == []
    store.put("B", VALUE)
    store.put("A", "ü")
    assert [(one.name, one.size) for one in store.entries()] == [("A", 2), ("B", len(VALUE))]
    assert VALUE not in repr(store.entries())
    store.delete("B")
    assert [one.name for one in store.entries()] == ["A"]
    assert store.has("A")


def test_files_that_others_can_read_and_links_are_refused(store, tmp_path):
    store.put("A", VALUE)
    (tmp_path / "secrets/A").chmod(0o644)
    assert refusal(store.value, "A").code == "conflict"
    (tmp_path / "secrets/L").symlink_to("/etc/hostname")
    assert refusal(store.value, "L").code == "unavailable"
    os.mkfifo(tmp_path / "secrets/P", 0o600)
    assert refusal(store.value, "P").code == "conflict"
    assert store.values() == {}
    (tmp_path / "secrets").chmod(0o755)
    assert "chmod 700" in refusal(store.put, "A", VALUE).hint


def test_a_file_of_another_kind_breaks_no_list(store, tmp_path):
    store.put("A", VALUE)
    for name, content in {"EMPTY": b"", "BINARY": b"\xff\xfe", "ZERO": b"a\0b", "LONG": b"x" * (MAX_BYTES + 1)}.items():
        (tmp_path / "secrets" / name).write_bytes(content)
        (tmp_path / "secrets" / name).chmod(0o600)
        assert refusal(store.value, name).code == "conflict"
    assert store.values() == {"A": VALUE}
    assert len(store.entries()) == 5


def test_values_follow_every_change_of_another_instance(store, tmp_path):
    other = SecretStore(tmp_path)
    assert store.values() == {}
    for number in range(20):
        other.put("A", f"value-{number}")
        assert store.values() == {"A": f"value-{number}"}
    other.delete("A")
    assert store.values() == {}


def test_values_that_stay_are_read_once(store, tmp_path, monkeypatch):
    store.put("A", VALUE)
    os.utime(tmp_path / "secrets", ns=(1, 1))
    assert store.values() == {"A": VALUE}
    monkeypatch.setattr("actors.secrets.store._read", lambda *_: pytest.fail("read again"))
    assert store.values() == {"A": VALUE}
