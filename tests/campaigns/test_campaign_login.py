"""A new operator with a Claude subscription and nothing else, from `hive up` to the first answer, on the page and in a terminal.

The real CLI logs in; the account's server is a stand-in on loopback, and so is the model.
"""

import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest

from harness.rehearsal.script import load
from tests.account_server import CODE, AccountServer
from tests.campaigns.real_hive import ROOT, SECONDS, _free_port
from tests.campaigns.test_campaign_credentials import SeenModel
from tests.web.browser.chromium import Browser
from tests.web.browser.conftest import needs_libraries

pytestmark = pytest.mark.slow

SHOTS = os.environ.get("HIVE_TEST_SCREENSHOTS")
"""A folder for pictures of the page and of the terminal, for a person to look at."""


class Terminal:
    """A command on a terminal of its own, read and typed as a person does."""

    def __init__(self, words, env):
        screen, terminal = pty.openpty()
        self.screen, self.seen, self.at = screen, "", 0
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=env, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True
        )
        os.close(terminal)

    def until(self, pattern):
        """Read up to the next match."""
        deadline = time.monotonic() + SECONDS
        while not (found := re.compile(pattern).search(self.seen, self.at)):
            ready, _, _ = select.select([self.screen], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{pattern} never came: {self.seen}"
            try:
                self.seen += os.read(self.screen, 65536).decode().replace("\r\n", "\n")
            except OSError:
                pytest.fail(f"{pattern} never came: {self.seen}")
        self.at = found.end()
        return found

    def type(self, text):
        os.write(self.screen, text.encode() + b"\n")

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(SECONDS)
        os.close(self.screen)


class Operator:
    """One hive without a key, started as `make up` starts it."""

    def __init__(self, folder, account, model):
        self.folder, self.account, self.port = folder, account, _free_port()
        reach = shlex.join(f"{name}={value}" for name, value in account.env.items())
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8", "TERM": "xterm", "PYTHONUNBUFFERED": "1",
            "HIVE_STATE_DIR": str(folder / "state"), "HIVE_WEB_PORT": str(self.port), "HIVE_RUNTIME": "process",
            "HIVE_CLAUDE_BASE_URL": model.url, "HIVE_AGENT_ENV": reach, "HIVE_GRACE_SECONDS": "1", **account.env,
        }  # fmt: skip
        self.hive = str(Path(sys.executable).parent / "hive")

    def terminal(self, *words):
        return Terminal([self.hive, *words], self.env)

    def run(self, *words):
        done = subprocess.run([self.hive, *words], env=self.env, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def row(self, name):
        rows = json.loads(self.run("agents", "--json"))
        return next(row for row in rows if row["name"] == name)

    def wait(self, holds):
        deadline = time.monotonic() + SECONDS
        while not (found := holds()):
            assert time.monotonic() < deadline
            select.select([], [], [], 0.1)
        return found


@pytest.fixture(scope="module")
def place():
    folder = Path(tempfile.mkdtemp(prefix="hive-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def operator(place):
    """The operator, and the terminal in which the hive runs."""
    with AccountServer(place) as account, SeenModel(load("default")) as model:
        operator = Operator(place, account, model)
        operator.model, operator.up = model, operator.terminal("up")
        below = []
        try:
            yield operator
        finally:
            below = psutil.Process(operator.up.process.pid).children(recursive=True)
            operator.up.process.send_signal(signal.SIGINT)
            operator.up.process.wait(SECONDS)
            operator.up.close()
            gone, alive = psutil.wait_procs(below, 20)
            for one in alive:
                one.kill()


@pytest.fixture(scope="module")
def browser(place):
    needs_libraries()
    browser = Browser(place / "profile")
    yield browser
    browser.close()


def with_state(url, code=CODE):
    """The code as the account's page shows it: with the state of this login."""
    return f"{code}#{re.search(r'state=([^&]+)', url).group(1)}"


def picture(browser, name):
    if SHOTS:
        browser.driver.save_screenshot(f"{SHOTS}/{name}.png")


def test_the_manager_is_logged_in_on_its_page_and_gives_the_first_answer(operator, browser):
    operator.up.until("The hive is up")
    url = operator.up.until(r"(http://127\.0\.0\.1:\d+/)login#token=(\S+)\n")
    browser.log_in(url[1], url[2])
    browser.until("document.querySelector('#of-need-login-hm1nd .need-head h3 a') !== null")
    picture(browser, "1-needs-you")
    browser.press("#of-need-login-hm1nd .need-head h3 a")
    browser.until("document.querySelector('#login [data-action=login_start] button') !== null")
    picture(browser, "2-the-page-of-the-manager")
    browser.press("#login [data-action=login_start] button")
    address = browser.until("document.querySelector('#login .address a')?.href")
    assert address.startswith("https://claude.com/")
    picture(browser, "3-the-address")

    browser.find("#login-code-hm1nd").send_keys("half-of-it")
    browser.press("#login .login-code button")
    browser.until("(document.querySelector('#login .note')?.innerText ?? '').includes('full code')")
    picture(browser, "4-half-a-code")
    browser.find("#login-code-hm1nd").clear()
    browser.find("#login-code-hm1nd").send_keys(with_state(address))
    browser.press("#login .login-code button")
    browser.until("document.querySelector('#login') === null")
    operator.run("send", "manager", "are you there?")
    browser.until("document.querySelector('#log').innerText.includes('turn ok')")
    picture(browser, "5-logged-in")
    operator.wait(lambda: "manager" in operator.run("inbox"))
    row = operator.row("manager")
    assert (row["needs_login"], row["login"]["state"], row["login_shared"]) == (False, "done", False)
    assert row["login_expires_at"] is not None


def test_a_login_can_be_cancelled_and_begun_again_on_the_page(operator, browser):
    operator.run("spawn", "alice")
    operator.wait(lambda: operator.row("alice")["needs_login"])
    browser.open("/agent/alice/")
    browser.press("#login [data-action=login_start] button")
    browser.until("document.querySelector('#login .address a')")
    browser.press("#login [data-action=login_cancel] button")
    browser.until("document.querySelector('#login [data-action=login_start] button')")
    assert browser.text("#login .note") is None
    browser.press("#login [data-action=login_start] button")
    browser.until("document.querySelector('#login .address a')")


def test_an_agent_is_logged_in_from_a_terminal(operator):
    login = operator.terminal("login", "alice")  # it takes the place of the one that the page has begun
    url = login.until(r"\n  (https://\S+)\n")[1]
    login.until("Code: ")
    login.type("half-of-it")
    login.until("full code")
    login.until("Code: ")
    login.type(with_state(url))
    login.until("alice is logged in\n")
    assert login.process.wait(SECONDS) == 0
    keep(login, "login-alice")
    login.close()
    assert not operator.row("alice")["needs_login"]


def test_the_command_that_hive_up_has_printed_logs_all_agents_in(operator, browser):
    printed = re.search(r"\n    (\S.* login --all)\n", operator.up.seen)[1]
    login = Terminal(["sh", "-c", printed], operator.env)
    url = login.until(r"\n  (https://\S+)\n")[1]
    login.until("Code: ")
    login.type(with_state(url))
    login.until("all agents are logged in")
    assert login.process.wait(SECONDS) == 0
    keep(login, "login-all")
    login.close()
    token = operator.account.issued[-1]
    assert token not in login.seen
    for name in ("manager", "alice"):
        operator.wait(lambda name=name: operator.row(name)["login_shared"] and operator.row(name)["state"] == "idle")
        operator.model.credentials.clear()
        operator.run("send", name, "and now?")
        operator.wait(lambda: operator.model.credentials)
        assert {bearer for _, bearer, _ in operator.model.credentials} == {f"Bearer {token}"}
    browser.open("/")
    browser.until("document.querySelector('.action-item-login, .action-item-login_ends') === null")
    picture(browser, "6-all-agents")
    refused = operator.terminal("login", "alice")
    refused.until("the key or the token of the hive")
    assert refused.process.wait(SECONDS) == 1
    refused.close()


def keep(terminal, name):
    if SHOTS:
        Path(SHOTS, f"{name}.txt").write_text(terminal.seen)
