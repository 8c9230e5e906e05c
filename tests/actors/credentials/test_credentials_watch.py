"""The watch over the key file: every way in which a file becomes another one is noticed."""

import os

import pytest
from gevent.event import Event

from actors.credentials import actor as credentials_actor
from actors.credentials.watch import FileWatch, folders_of
from actors.supervision import SYSTEM_CLOCK
from tests.waiting import SECONDS


@pytest.fixture
def watched():
    """Watch a path; returns a function that does something and waits for the notice of it."""
    watches = []

    def watch(path):
        noticed = Event()
        watches.append(FileWatch(path, noticed.set))

        def notices(act):
            noticed.clear()
            act()
            return noticed.wait(SECONDS)

        return notices

    yield watch
    for one in watches:
        one.close()


def swap(link, target):
    part = link.with_name("part")
    part.symlink_to(target)
    part.rename(link)


def test_a_file_that_is_written_replaced_made_or_removed_is_noticed(tmp_path, watched):
    key = tmp_path / "key"
    notices = watched(key)
    assert notices(lambda: key.write_text("first"))
    assert notices(lambda: key.write_text("second"))
    (tmp_path / "elsewhere").write_text("third")
    assert notices(lambda: (tmp_path / "elsewhere").rename(key))
    assert notices(key.unlink)


def test_a_link_that_leads_elsewhere_is_noticed_wherever_it_is_in_the_path(tmp_path, watched):
    for number in ("1", "2"):
        (tmp_path / "secrets.d" / number).mkdir(parents=True)
        (tmp_path / "secrets.d" / number / "key").write_text(number)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "secrets").symlink_to(tmp_path / "secrets.d" / "1")
    (tmp_path / "key").symlink_to("run/secrets/key")
    notices = watched(tmp_path / "key")
    assert notices(lambda: swap(tmp_path / "run" / "secrets", tmp_path / "secrets.d" / "2"))
    assert notices(lambda: (tmp_path / "secrets.d" / "2" / "key").write_text("other")), "the new folder is watched"


def test_a_folder_that_is_missing_is_noticed_when_it_comes_and_watched_from_then_on(tmp_path, watched):
    folder = tmp_path / "run" / "secrets"
    notices = watched(folder / "key")
    assert notices(lambda: (tmp_path / "run").mkdir())
    assert notices(folder.mkdir)
    assert notices(lambda: (folder / "key").write_text("key"))


def test_a_path_of_links_that_never_ends_is_given_up(tmp_path):
    os.symlink("b", tmp_path / "a")
    os.symlink("a", tmp_path / "b")
    assert folders_of(tmp_path / "a") == [tmp_path]


def test_a_path_without_links_has_one_folder(tmp_path):
    assert folders_of(tmp_path / "key") == [tmp_path]


def test_a_kernel_without_another_watch_keeps_nothing_from_starting(tmp_path, monkeypatch):
    told = []

    def none_left(*_):
        raise OSError(24, "inotify_init1")

    monkeypatch.setattr(credentials_actor, "FileWatch", none_left)
    monkeypatch.setattr(credentials_actor, "emit", lambda _directory, kind, data: told.append((kind, data["text"])))
    actor = credentials_actor.CredentialsActor(tmp_path / "key", directory=None, clock=SYSTEM_CLOCK)
    actor.on_start()
    actor.on_stop()
    ((kind, text),) = told
    assert kind == "notice"
    assert "cannot be watched" in text
