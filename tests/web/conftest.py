"""Fixtures: a fake daemon on a real socket, and the WSGI application in this process in front of it."""

import pytest

from tests.web import sample_rows
from tests.web.browserless import NAME, TOKEN, Browserless
from tests.web.fake_daemon import FakeDaemon
from tests.web.recording import RecordingListener
from web.app import WebApp
from web.settings import WebSettings
from web.wsgi import application


@pytest.fixture
def fake(tmp_path):
    daemon = FakeDaemon(tmp_path / "web.sock")
    sample_rows.populate(daemon)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def app(fake, tmp_path):
    settings = WebSettings(socket=fake.path, token_file=tmp_path / "token", port=7000, name=NAME)
    built = WebApp.build(settings, TOKEN)
    yield built
    built.streams.close()
    built.feed.stop()


@pytest.fixture
def listener(app):
    """A listener of the feed, which is connected to the fake daemon."""
    listener = RecordingListener(app.feed)
    app.feed.start()
    listener.until(lambda: app.feed.connected)
    return listener


@pytest.fixture
def stranger(app):
    return Browserless(application(app))


@pytest.fixture
def site(stranger):
    return stranger.log_in()
