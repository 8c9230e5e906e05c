"""The hive keeps the sessions of the dashboard: they are listed, ended, and have an end."""

import pytest

from actors.sessions import api as sessions
from actors.sessions.actor import MAX_SESSIONS, SEEN_MS, SessionsActor, new_name
from actors.sessions.messages import SESSIONS
from actors.store.actor import StoreActor
from actors.store.messages import Database
from actors.supervision import ChildSpec, Directory, FakeClock, Supervisor, SupervisorFlags
from harness.wire.errors import ErrorCode, HiveError
from tests.waiting import SECONDS

LIFETIME = 3_600.0


class Hive:
    """The store and the owner of the sessions, on a clock of the test."""

    def __init__(self, folder):
        self.folder, self.clock = folder, FakeClock()
        self.boot()

    def boot(self):
        self.directory = Directory(root="hive")
        paths = {database: self.folder / f"{database.value}.sqlite" for database in Database}
        specs = [
            ChildSpec("store", lambda: StoreActor(paths=paths, clock=self.clock)),
            ChildSpec(SESSIONS, lambda: SessionsActor(seconds=LIFETIME, directory=self.directory, clock=self.clock)),
        ]
        self.directory.boot(Supervisor(SupervisorFlags(), specs, directory=self.directory, clock=self.clock))

    def restart(self):
        self.directory.stop("hive", SECONDS)
        self.boot()

    def open(self, digest="a"):
        return sessions.open_session(self.directory, digest=digest, address="127.0.0.1", user_agent="Firefox")

    def valid(self, digest="a"):
        try:
            sessions.check(self.directory, digest)
        except HiveError as error:
            return error.code is not ErrorCode.NOT_FOUND
        return True

    def ids(self):
        return [row.id for row in sessions.sessions(self.directory)]


@pytest.fixture
def hive(tmp_path):
    hive = Hive(tmp_path)
    yield hive
    hive.directory.stop("hive", SECONDS)


def test_a_session_is_valid_until_it_is_ended_and_never_again(hive):
    row = hive.open()
    assert hive.valid()
    assert not hive.valid("b")
    sessions.end(hive.directory, row.id)
    assert not hive.valid()
    hive.restart()
    assert not hive.valid()
    with pytest.raises(HiveError, match=f"session {row.id}"):
        sessions.end(hive.directory, row.id)
    assert hive.open("c").id > row.id


def test_a_session_survives_a_restart_and_ends_after_its_time(hive):
    hive.open()
    hive.restart()
    assert hive.valid()
    hive.clock.advance(LIFETIME - 1)
    assert hive.valid()
    hive.clock.advance(1)
    assert not hive.valid()
    assert hive.ids() == []


def test_the_list_says_when_a_session_was_last_seen(hive):
    first = hive.open()
    hive.clock.advance(SEEN_MS / 1000)
    hive.open("b")
    assert hive.valid()
    newest, oldest = sessions.sessions(hive.directory)
    assert (newest.id, oldest.id) == (first.id + 1, first.id)
    assert oldest.seen_at > oldest.opened_at


def test_a_login_too_many_ends_the_session_that_was_not_seen_for_longest(hive):
    for number in range(MAX_SESSIONS):
        hive.open(str(number))
        hive.clock.advance(1)
    hive.clock.advance(SEEN_MS / 1000)
    assert hive.valid("0")
    hive.open("one more")
    assert len(hive.ids()) == MAX_SESSIONS
    assert (hive.valid("0"), hive.valid("1"), hive.valid("2")) == (True, False, True)


def test_a_port_that_was_free_for_a_while_ends_every_session_and_changes_the_name(hive):
    name = sessions.port_held(hive.directory, since_before=False)
    hive.open()
    assert sessions.port_held(hive.directory, since_before=True) == name
    assert hive.valid()
    hive.restart()
    assert sessions.port_held(hive.directory, since_before=True) == name
    assert hive.valid()
    assert sessions.port_held(hive.directory, since_before=False) != name
    assert not hive.valid()
    assert hive.ids() == []


def test_a_name_is_a_host_name_below_localhost():
    assert new_name().endswith(".localhost")
    assert len(new_name().split(".")[0]) <= 63
