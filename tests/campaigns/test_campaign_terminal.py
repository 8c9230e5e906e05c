"""A terminal as the operator has it: on the page, in a shell, over the end of the web process; a real container."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import psutil
import pytest
import websocket

from tests.campaigns.real_hive import SECONDS, RealHive
from tests.waiting import readable
from tests.web.browser.chromium import Browser

pytestmark = pytest.mark.slow

SHOWN = "document.querySelector('.xterm-rows').innerText.replaceAll('\\u00a0', ' ').includes(arguments[0])"


@pytest.fixture(scope="module")
def hive():
    with RealHive(web=True) as hive:
        hive.spawn("alice")
        yield hive


@pytest.fixture(scope="module")
def browser(hive, tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("profile"))
    try:
        browser.log_in(f"http://127.0.0.1:{hive.settings['web_port']}", token(hive))
        yield browser
    finally:
        browser.close()


def token(hive):
    return (hive.state / "operator.token").read_text().strip()


def opened(hive):
    return [row for row in hive.ask("terminals")["terminals"] if row["open"]]


def open_terminal(browser):
    browser.open("/agent/alice/?tab=terminal")
    browser.press('form[action="/open-terminal/alice"] button')
    browser.until("document.querySelector('[data-terminal]')?.dataset.state === 'open'")


def test_the_operator_works_in_a_terminal_over_the_end_of_the_web_process_and_sees_it_again_afterwards(hive, browser):
    open_terminal(browser)
    browser.keys("cd /tmp; secret=$((40+2)); echo a=$secret as=$(id -un)\n")
    browser.until(SHOWN, "a=42 as=alice")
    psutil.Process(hive.node("web/process")["pid"]).kill()
    browser.until("document.querySelector('[data-terminal]').dataset.state === 'away'")
    browser.until("document.querySelector('[data-terminal]').dataset.state === 'open'")
    browser.keys("echo b=$secret in=$PWD\n")
    browser.until(SHOWN, "b=42 in=/tmp")
    assert browser.js(f"return {SHOWN}", "a=42 as=alice")
    browser.keys("exit\n")
    browser.until_text("[data-said]", lambda text: text == "the shell has ended")
    browser.press("[data-again]")
    browser.until(SHOWN, "b=42 in=/tmp")
    assert browser.faults() == []
    browser.open("/decisions")
    assert "opened" in browser.text("tbody tr")
    assert "the operator in session" in browser.text("tbody tr")
    assert opened(hive) == []
    last = hive.ask("decisions")["decisions"][-1]
    assert (last["kind"], last["verdict"], last["agent"]) == ("terminal", "opened", "alice")
    assert hive.ask("decisions")["broken_at"] is None


def test_the_keyboard_comes_back_to_the_page(hive, browser):
    open_terminal(browser)
    browser.keys("jk\t")  # keys of the page, and the one that moves the focus, go to the shell
    assert browser.js("return document.activeElement.closest('.xterm') !== null")
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("]").key_up(Keys.CONTROL).perform()
    assert browser.js("return document.activeElement.textContent") == "close"
    browser.press("[data-leave]")
    browser.until("document.querySelector('[data-terminal]').dataset.terminal === 'recording'")
    hive.until(lambda: opened(hive) == [])


def line_to(address):
    return closing(socket.create_connection(("127.0.0.1", urlsplit(address).port), SECONDS))


def refused(address, **handshake):
    """The server does not open a WebSocket for this handshake."""
    with line_to(address) as line, pytest.raises(websocket.WebSocketBadStatusException):
        websocket.create_connection(address, socket=line, timeout=SECONDS, **handshake)


def test_only_this_site_and_only_the_operator_reach_a_terminal(hive, browser):
    row = hive.ask("open_terminal", agent="alice")["terminal"]
    port = hive.settings["web_port"]
    address = f"ws://127.0.0.1:{port}/terminal/{row['id']}/socket"
    bearer = f"Authorization: Bearer {token(hive)}"
    for header, origin in (([], None), ([bearer], "http://evil.example"), (["Authorization: Bearer wrong"], None)):
        refused(address, header=header, origin=origin, suppress_origin=origin is None)
    cookie = "; ".join(f"{one['name']}={one['value']}" for one in browser.driver.get_cookies())
    refused(address, cookie=cookie, host=urlsplit(browser.base).netloc, origin=f"http://127.0.0.1:{port + 1}")
    with line_to(address) as line:
        mine = websocket.create_connection(address, header=[bearer], suppress_origin=True, socket=line, timeout=SECONDS)
        assert json.loads(mine.recv()) == {"offset": 0}
        mine.send_binary(b"echo c=$((6*7))\n")
        said = b""
        while b"c=42" not in said:
            said += mine.recv()
        mine.send("{}")  # no size: nothing happens
        mine.send_binary(b"x" * 100_000)
        while mine.recv():  # what is too long ends it
            pass
    hive.ask("close_terminal", id=row["id"])


def test_a_logout_ends_the_terminals_of_its_session(hive, browser):
    open_terminal(browser)
    session = hive.ask("sessions")["sessions"][0]["id"]
    hive.ask("end_session", id=session)
    browser.until("document.querySelector('[data-terminal]').dataset.state === 'away'")
    hive.until(lambda: [row["viewers"] for row in opened(hive)] == [0])
    browser.log_in(f"http://127.0.0.1:{hive.settings['web_port']}", token(hive))


class Shell:
    """`hive terminal` in a terminal of its own, as an operator at a shell has it."""

    def __init__(self, hive, *words):
        self.handle, inside = pty.openpty()
        environment = {**os.environ, "HIVE_RUN_DIR": str(hive.run), "TERM": "xterm"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "actors.cli", "terminal", *words],
            stdin=inside, stdout=inside, stderr=inside, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(inside)
        self.text = ""

    def until(self, wanted):
        while wanted not in self.text:
            readable(self.handle, f"{wanted!r} in {self.text[-500:]!r}")
            self.text += os.read(self.handle, 65536).decode(errors="replace")

    def type(self, text):
        os.write(self.handle, text.encode())

    def close(self):
        os.close(self.handle)
        return self.process.wait(SECONDS)


def test_a_shell_of_the_host_opens_leaves_and_comes_back_to_a_terminal(hive):
    first = Shell(hive, "open", "alice")
    first.type("n=$((40+2)); stty -echo; echo d=$n\n")
    first.until("d=42")
    first.type("\x1d")
    first.until("left open: hive terminal attach ")
    assert first.close() == 0
    mine = next(row for row in opened(hive) if "session" not in row["opened_by"])
    second = Shell(hive, "attach", mine["id"])
    second.until("d=42")
    second.type("echo e=$n\n")
    second.until("e=42")
    second.type("exit\n")
    second.until("the shell has ended")
    assert second.close() == 0
    played = Shell(hive, "play", mine["id"], "--idle", "0")
    played.until("[end of the recording]")
    assert "d=42" in played.text
    assert "e=42" in played.text
    assert played.close() == 0


def test_a_killed_daemon_takes_its_terminals_along_and_keeps_their_recordings(hive):
    row = hive.ask("open_terminal", agent="alice")["terminal"]
    hive.ask("type_in_terminal", id=row["id"], data="ZWNobyBmPSQoKDYqNykpCg==")  # echo f=$((6*7))
    hive.until(lambda: "f=42" in hive.ask("terminal_recording", id=row["id"])["text"])
    shells = [psutil.Process(hive.node(f"terminals/open/{row['id']}")["pid"])]
    os.kill(hive.daemon.pid, signal.SIGKILL)
    hive.daemon.wait(SECONDS)
    assert psutil.wait_procs(shells, SECONDS)[1] == []
    hive.start()
    assert opened(hive) == []
    assert "f=42" in hive.ask("terminal_recording", id=row["id"])["text"]
