"""The web process without a browser (its application in this process, a fake daemon on a real socket), and with one."""

from pathlib import Path

import psutil
import pytest

from tests.needs import REQUIRED
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


BUILT = Path(__file__).parents[2] / "web/static/vendor/htmx.min.js"


def needs_libraries():
    """Without the browser libraries a page only reads; skip, or fail where everything was promised to be there."""
    if not BUILT.exists():
        (pytest.fail if REQUIRED else pytest.skip)("the browser libraries are not built: python web/build.py")


@pytest.fixture(scope="module")
def hive(tmp_path_factory):
    """(fake daemon, a browser that is logged in, the hive-web process), shared by the tests of a file."""
    # Not above: selenium costs a quarter of a second, and most tests need no browser.
    from tests.web.chromium import Browser
    from tests.web.test_web_process import running

    needs_libraries()
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    folder = tmp_path_factory.mktemp("hive")
    fake = FakeHost(folder / "web.sock")
    rows.furnish(fake)
    fake.start()
    with running(fake, folder) as process:
        browser = Browser(folder / "profile")
        try:
            browser.log_in(process.url, TOKEN)
            yield fake, browser, process
        finally:
            browser.close()
    fake.stop()
    left = [child for child in psutil.Process().children(recursive=True) if child.pid not in before]
    assert psutil.wait_procs(left, timeout=5)[1] == []


@pytest.fixture
def scene(hive):
    """A fresh hive of canned rows behind the same process, and a browser without a page."""
    fake, browser, _ = hive
    rows.furnish(fake)
    fake.asked.clear()
    fake.restart()
    browser.size(1400)
    browser.driver.get("about:blank")
    browser.driver.get_log("browser")
    yield fake, browser
    assert browser.faults() == []
