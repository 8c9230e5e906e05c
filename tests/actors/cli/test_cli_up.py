"""`hive up` as a person has it: what stands on the terminal, and the end of the terminal."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.waiting import SECONDS, survivors


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Up:
    """A hive whose agents run without a container, and without a model."""

    def __init__(self, port, place=None):
        self.place = Path(place or tempfile.mkdtemp(prefix="hive-"))
        self.port = port
        argv = [sys.executable, "-m", "actors.cli", "up", "--runtime", "process", "--web-port", str(port)]
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.place),
            "HIVE_STATE_DIR": str(self.place / "state"),
            "HIVE_CLAUDE_BASE_URL": "http://127.0.0.1:9",
            "HIVE_AGENT_ENV": "CLAUDE_CODE_OAUTH_TOKEN=none",  # who has a login is not told how to get one
            "HIVE_GRACE_SECONDS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self.process = subprocess.Popen(
            argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def line(self):
        return self.process.stdout.readline().strip()

    def hang_up(self):
        """As a shell and the kernel do together: twice."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        for _ in range(2):
            self.process.send_signal(signal.SIGHUP)
        _, log = self.process.communicate(timeout=SECONDS)
        return below, log


@pytest.fixture
def up():
    hives = []

    def start(*arguments):
        hives.append(Up(*arguments))
        return hives[-1]

    yield start
    for hive in hives:
        if hive.process.poll() is None:
            hive.process.kill()
        hive.process.communicate()
        shutil.rmtree(hive.place, ignore_errors=True)


@pytest.mark.slow
def test_the_address_is_printed_when_its_page_answers_and_the_end_of_the_terminal_ends_the_agents(up):
    hive = up(free_port())
    assert hive.line() == "The hive is up."
    assert hive.line().startswith(f"http://127.0.0.1:{hive.port}/login#token=")
    connection = http.client.HTTPConnection("127.0.0.1", hive.port, timeout=0.5)
    connection.request("GET", "/login")
    assert connection.getresponse().status in (200, 303)
    connection.close()
    below, log = hive.hang_up()
    assert hive.process.returncode == 0, log
    assert not survivors(set(below), seconds=5)
    assert "second signal" not in log


@pytest.mark.slow
def test_a_taken_port_is_said_on_the_terminal_by_its_name_and_a_second_hive_is_refused(up):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        hive = up(port)
        lines = {hive.line(), hive.line()}
    assert "The hive is up." in lines
    (trouble,) = lines - {"The hive is up."}
    assert trouble.startswith(f"the dashboard waits for web_port {port}: 127.0.0.1:{port} is taken")
    second = up(port)
    out, log = second.process.communicate(timeout=SECONDS)
    assert (out, second.process.returncode) == ("", 1)
    assert f"Error: a hive already has web_port {port}" in log
    assert list(second.place.iterdir()) == []
    hive.hang_up()
    assert hive.process.returncode == 0
