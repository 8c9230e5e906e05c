"""The web process without a browser: its application in this process, a fake daemon on a real socket."""

import pytest

from tests.web import rows
from tests.web.browserless import TOKEN, Browserless
from tests.web.fake_host import FakeHost
from web import app, services
from web.settings import WebSettings


@pytest.fixture
def fake(tmp_path):
    host = FakeHost(tmp_path / "web.sock")
    rows.furnish(host)
    host.start()
    yield host
    host.stop()


@pytest.fixture
def parts(fake, tmp_path):
    settings = WebSettings(socket=fake.path, token_file=tmp_path / "token", port=7000)
    built = services.build(settings, TOKEN)
    yield built
    built.live.close()
    built.feed.stop()


@pytest.fixture
def stranger(parts):
    return Browserless(app.build(parts))


@pytest.fixture
def site(stranger):
    return stranger.log_in()
