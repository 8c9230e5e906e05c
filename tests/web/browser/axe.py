"""axe-core in the page: the violations of accessibility rules that it finds."""

from pathlib import Path

import pytest

from tests.needs import REQUIRED

SCRIPT = Path(__file__).parents[3] / "web/development/axe.min.js"
RUN = """
const [only, within, done] = arguments;
axe.run(within ?? document, { resultTypes: ["violations"], elementRef: false, ...(only.length ? { runOnly: only } : {}) })
  .then((found) => done(found.violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(" ")}: ${node.html.slice(0, 160)}`))))
  .catch((error) => done([String(error)]));
"""


def needs_axe():
    """Skip, or fail where everything is required."""
    if not SCRIPT.is_file():
        (pytest.fail if REQUIRED else pytest.skip)("axe-core is not built: python web/build.py --development")


def violations(browser, *rules, within=None):
    """What axe finds in the page that is open; only by these rules, if any is named, and only below a selector."""
    if not browser.js("return Boolean(globalThis.axe)"):
        # By the debugger: the page's policy allows no script but its own.
        browser.driver.execute_cdp_cmd("Runtime.evaluate", {"expression": SCRIPT.read_text()})
    return browser.driver.execute_async_script(RUN, list(rules), within)
