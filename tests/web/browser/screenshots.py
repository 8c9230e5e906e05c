"""Pictures of every page at three widths in three looks: `python -m tests.web.browser.screenshots OUT [NAME...]`."""

import sys
import tempfile
from pathlib import Path

from tests.web import sample_rows
from tests.web.browser import pages
from tests.web.browser.chromium import Browser
from tests.web.browserless import TOKEN
from tests.web.fake_daemon import FakeDaemon
from tests.web.test_web_process import running

WIDTHS = (1400, 1024, 390)
LOOKS = {"dark": ("dark", "decorated"), "light": ("light", "decorated"), "plain": ("light", "plain")}
HIGHEST = 4000
FULL, EMPTY = "full", "empty"


def shoot(browser, path, target):
    """One picture of the whole page, as high as it is."""
    browser.driver.get(browser.base + path)
    pages.settle(browser)
    height = browser.js("return document.documentElement.scrollHeight")
    shot = browser.driver.execute_cdp_cmd(
        "Page.captureScreenshot",
        {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": browser.width, "height": min(height, HIGHEST), "scale": 1},
        },
    )
    import base64

    target.write_bytes(base64.b64decode(shot["data"]))


def main(out, *names):
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        fake = FakeDaemon(Path(folder) / "web.sock")
        sample_rows.populate(fake)
        fake.start()
        with running(fake, Path(folder)) as process:
            browser = Browser(Path(folder) / "profile")
            try:
                browser.log_in(process.url, TOKEN)
                for look, (theme, words) in LOOKS.items():
                    pages.choose(browser, theme, words)
                    for width in WIDTHS:
                        browser.size(width)
                        browser.width = width
                        for name, path in pages.PAGES.items():
                            if not names or name in names:
                                shoot(browser, path, out / f"{name}-{width}-{look}.png")
                                print(name, width, look, flush=True)
            finally:
                browser.close()
        fake.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
