"""An agent that shares the host's network goes for the dashboard: its port, its cookie, its door."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from gevent import get_hub

from actors.operator_token import read_or_make
from tests.actors.whole_hive import WholeHive
from tests.waiting import SECONDS, until

SQUAT = """
import socket, sys
port, seconds = int(sys.argv[1]), float(sys.argv[2])
import time
end = time.monotonic() + seconds
won = 0
while time.monotonic() < end and not won:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            with socket.socket(family) as sock:
                sock.setsockopt(socket.SOL_SOCKET, option, 1)
                if family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                try:
                    sock.bind((address, port)); sock.listen(); won = 1
                except OSError:
                    pass
print(won)
"""
"""What an agent's Bash runs: every way to listen on the port, again and again."""


class Hive(WholeHive):
    """A whole hive with a dashboard, and the operator's browser as far as a request needs one."""

    def __init__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        super().__init__(web_port=self.port)

    def open(self):
        self.token = read_or_make(self.config.token_file)
        super().open()

    def ask(self, method, path, host, *, body=None, **headers):
        """One request, in a thread: the daemon, which the web process asks meanwhile, lives in this one."""
        return get_hub().threadpool.apply(self._ask, (method, path, host, body, headers))

    def _ask(self, method, path, host, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        headers |= {"Host": f"{host}:{self.port}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def log_in(self):
        """The own name and the cookie, reached as a browser does."""
        _, page = self.ask("POST", "/login", "127.0.0.1", body=f"token={self.token}")
        name = page.partition('href="http://')[2].partition(":")[0]
        answer, _ = self.ask("POST", "/login", name, body=f"token={self.token}")
        return name, answer.headers["Set-Cookie"].partition(";")[0]

    def logged_in(self, name, cookie):
        return self.ask("GET", "/api/state", name, Cookie=cookie)[0].status == 200


@pytest.fixture
def hive():
    hive = Hive()
    yield hive
    hive.remove()


@pytest.mark.slow
def test_an_agent_never_gets_the_port_while_the_web_process_dies_again_and_again(hive):
    squatter = subprocess.Popen([sys.executable, "-c", SQUAT, str(hive.port), "4"], stdout=subprocess.PIPE, text=True)
    pids = set()
    while squatter.poll() is None:
        pid = hive.node("web/process")["pid"]
        if pid and pid not in pids and len(pids) < 3:
            pids.add(pid)
            os.kill(pid, signal.SIGKILL)
        until(lambda: True, "the hive goes on")
    assert squatter.stdout.read() == "0\n"
    squatter.stdout.close()
    assert len(pids) >= 2
    assert hive.ask("GET", "/healthz", "127.0.0.1")[0].status == 200


@pytest.mark.slow
def test_a_stolen_cookie_is_worth_nothing_without_the_name_and_after_the_log_out(hive):
    name, cookie = hive.log_in()
    assert hive.logged_in(name, cookie)
    for guess in ("127.0.0.1", "localhost", "[::1]", "hive.localhost", "hive-a.localhost"):
        assert not hive.logged_in(guess, cookie)
    with hive.host() as operator:
        (row,) = operator.ask("sessions")["sessions"]
        assert operator.ask("end_session", id=row["id"])["ok"]
    until(lambda: not hive.logged_in(name, cookie), "the session has ended")


@pytest.mark.slow
def test_what_a_squatter_got_while_the_daemon_was_away_is_worth_nothing_after_it(hive):
    name, cookie = hive.log_in()
    hive.close()
    with socket.create_server(("127.0.0.1", hive.port)):
        pass  # the agent has the port for a moment, and with it the name and the cookie of a page that reconnects
    hive.open()
    until(lambda: hive.node("web/process")["pid"] is not None, "the web process runs")
    assert not hive.logged_in(name, cookie)
    assert hive.ask("GET", "/login", name)[0].status == 403
    assert hive.logged_in(*hive.log_in())


@pytest.mark.slow
def test_the_name_and_the_cookie_stand_in_nothing_that_other_users_can_read(hive):
    name, cookie = hive.log_in()
    secret = cookie.partition("=")[2]
    pid = hive.node("web/process")["pid"]
    assert name not in Path(f"/proc/{pid}/cmdline").read_text()
    for log in hive.config.state_dir.glob("*.log"):
        assert name not in log.read_text()
        assert secret not in log.read_text()
    for path in (hive.config.state_dir / "db").iterdir():
        assert secret.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o077 == 0 or path.parent.parent.stat().st_mode & 0o077 == 0
