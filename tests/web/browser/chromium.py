"""A real Chromium, driven through selenium."""

import os

from selenium import webdriver
from selenium.common.exceptions import (
    JavascriptException,
    NoSuchElementException,
    StaleElementReferenceException,
)
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

from tests.waiting import SECONDS

FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
]
VIOLATIONS = """
window.faults = [];
addEventListener("error", (event) => window.faults.push("error: " + event.message));
addEventListener("unhandledrejection", (event) => window.faults.push("rejected: " + event.reason));
document.addEventListener("securitypolicyviolation", (event) => window.faults.push("csp: " + event.blockedURI + " " + event.violatedDirective));
"""


class Browser:
    """One browser with a fresh profile; every wait has a condition."""

    def __init__(self, profile):
        os.environ["SE_OFFLINE"] = "true"
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        for flag in (*FLAGS, "--window-size=1400,1000", f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": VIOLATIONS})
        self.base = ""

    def close(self):
        self.driver.quit()

    def open(self, path, *, live=True):
        self.driver.get(self.base + path)
        if live:
            self.until("document.documentElement.dataset.live === 'on'")

    def log_in(self, url, token):
        self.base = url.rstrip("/")
        self.driver.get(f"{self.base}/login#token={token}")
        self.until("location.pathname === '/'")
        self.base = self.js("return location.origin")

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def until(self, condition, *arguments):
        """Wait until a JavaScript expression is true, and return it. Its elements may be missing between two swaps."""
        missing = (JavascriptException,)
        wait = WebDriverWait(self.driver, SECONDS, poll_frequency=0.02, ignored_exceptions=missing)
        return wait.until(lambda _: self.js(f"return {condition}", *arguments), f"never true: {condition}")

    def until_text(self, selector, condition):
        """Wait until the text of `selector` passes; works without scripts and across navigations."""
        transient = (StaleElementReferenceException, NoSuchElementException)
        wait = WebDriverWait(self.driver, SECONDS, poll_frequency=0.05, ignored_exceptions=transient)
        wait.until(lambda _: condition(self.find(selector).text), f"{selector} never showed it")

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def text(self, selector):
        return self.js("return document.querySelector(arguments[0])?.innerText ?? null", selector)

    def press(self, selector):
        """Click in the middle of the screen, where no sticky header covers the element."""
        self.js("document.querySelector(arguments[0]).scrollIntoView({block: 'center'})", selector)
        self.find(selector).click()

    def keys(self, *keys):
        self.driver.switch_to.active_element.send_keys(*keys)

    def size(self, width, height=1000):
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def scripts(self, *, on):
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not on})

    def faults(self):
        """The errors of the page since it was opened, and the warnings of the console."""
        logged = [
            entry["message"] for entry in self.driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
        ]
        return self.js("return window.faults") + logged
