"""Fixtures: a real Chromium on the real hive-web process, in front of a fake daemon."""

from pathlib import Path

import psutil
import pytest

from tests.needs import REQUIRED
from tests.web import sample_rows
from tests.web.browser.chromium import Browser
from tests.web.browserless import TOKEN
from tests.web.fake_daemon import FakeDaemon
from tests.web.test_web_process import running

BUILT = Path(__file__).parents[3] / "web/static/vendor/htmx.min.js"


def needs_libraries():
    """Without the browser libraries the pages are read-only: skip, or fail where every program is required."""
    if not BUILT.exists():
        (pytest.fail if REQUIRED else pytest.skip)("the browser libraries are not built: python web/build.py")


@pytest.fixture(scope="module")
def hive(tmp_path_factory):
    """(fake daemon, browser with a session, hive-web process), shared by the tests of a file."""
    needs_libraries()
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    folder = tmp_path_factory.mktemp("hive")
    fake = FakeDaemon(folder / "web.sock")
    sample_rows.populate(fake)
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
    """A fresh hive of sample rows behind the shared process, and a browser with an empty page."""
    fake, browser, _ = hive
    sample_rows.populate(fake)
    fake.asked.clear()
    fake.restart()
    browser.size(1400)
    browser.driver.get("about:blank")
    browser.driver.get_log("browser")
    yield fake, browser
    assert browser.faults() == []
