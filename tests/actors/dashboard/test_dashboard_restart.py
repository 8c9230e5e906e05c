"""A restart of the daemon under a service manager: the port is never free, and nobody is logged out."""

import contextlib
import fcntl
import http.client
import json
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

from actors.dashboard.addresses import adopt, listen
from actors.service.descriptor_store import DescriptorStore
from tests.waiting import SECONDS, survivors

LAUNCH = """
import os, sys
numbers = [int(one) for one in sys.argv[1].split(",") if one]
for place, number in enumerate(numbers, 3):
    os.dup2(number, place)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(numbers)), "LISTEN_FDNAMES": sys.argv[2]}
os.execv(sys.executable, [sys.executable, "-m", "actors.cli", "serve", "--config", sys.argv[3]])
"""
"""As systemd starts a service whose files it has kept: from number 3 on, with their names."""


class ServiceManager:
    """What systemd does of sd_notify(3) and sd_listen_fds(3): takes files, keeps them while the daemon is away."""

    def __init__(self):
        self.place = Path(tempfile.mkdtemp(prefix="hive-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notified.bind(str(self.place / "notify"))
        self.notified.settimeout(SECONDS)
        self.kept, self.daemon = {}, None
        settings = {
            "state_dir": f"{self.place}/state",
            "run_dir": f"{self.place}/run",
            "runtime": "process",
            "web_port": self.port,
            "agents_on_stop": "stop",
        }
        (self.place / "hive.toml").write_text(
            "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
        )

    def start(self):
        """Returns when the daemon is ready."""
        kept = [(name, number) for name, numbers in self.kept.items() for number in numbers]
        argv = [
            sys.executable,
            "-c",
            LAUNCH,
            ",".join(str(number) for _, number in kept),
            ":".join(name for name, _ in kept),
        ]
        env = {"PATH": os.environ["PATH"], "HOME": str(self.place), "NOTIFY_SOCKET": str(self.place / "notify")}
        with (self.place / "log").open("ab") as log:
            self.daemon = subprocess.Popen(
                [*argv, str(self.place / "hive.toml")], env=env, cwd=Path(__file__).parents[3], stdout=log, stderr=log,
                pass_fds=[number for _, number in kept],
            )  # fmt: skip
        while "READY" not in self._take():
            continue

    def _take(self):
        data, numbers, _, _ = socket.recv_fds(self.notified, 4096, 16)
        said = dict(line.split("=", 1) for line in data.decode().splitlines())
        if "FDSTOREREMOVE" in said:
            self._close(said["FDNAME"])
        if "FDSTORE" in said:
            # High numbers, as those from 3 on are for the daemon that is handed them.
            self.kept.setdefault(said["FDNAME"], []).extend(_high(number) for number in numbers)
        return said

    def _close(self, name):
        for number in self.kept.pop(name, []):
            os.close(number)

    def stopped_for_good(self):
        for name in list(self.kept):
            self._close(name)

    def end(self, number):
        below = psutil.Process(self.daemon.pid).children(recursive=True)
        web = [one for one in below if "web.main" in one.cmdline()]
        self.daemon.send_signal(number)
        self.daemon.wait(SECONDS)
        assert len(web) == 1
        assert not survivors(web)
        self.notified.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self._take()
        self.notified.settimeout(SECONDS)

    def remove(self):
        if self.daemon.poll() is None:
            self.end(signal.SIGTERM)
        self.stopped_for_good()
        self.notified.close()
        shutil.rmtree(self.place)

    # ---- the browser ------------------------------------------------------------------------------------

    def ask(self, method, path, host, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, {"Host": f"{host}:{self.port}", **headers})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def log_in(self):
        token = (self.place / "state/operator.token").read_text().strip()
        _, page = self.ask("POST", "/login", "127.0.0.1", f"token={token}")
        name = page.partition('href="http://')[2].partition(":")[0]
        answer, _ = self.ask("POST", "/login", name, f"token={token}")
        return name, answer.headers["Set-Cookie"].partition(";")[0]

    def logged_in(self, name, cookie):
        return self.ask("GET", "/api/state", name, Cookie=cookie)[0].status == 200


def _high(number):
    moved = fcntl.fcntl(number, fcntl.F_DUPFD_CLOEXEC, 64)
    os.close(number)
    return moved


@pytest.fixture
def manager():
    manager = ServiceManager()
    yield manager
    manager.remove()


@pytest.mark.slow
def test_nobody_is_logged_out_by_a_restart_and_everybody_by_a_gap(manager):
    manager.start()
    name, cookie = manager.log_in()
    assert manager.logged_in(name, cookie)
    for number in (signal.SIGKILL, signal.SIGTERM):
        manager.end(number)
        with pytest.raises(OSError, match="in use"), socket.socket() as squatter:
            squatter.bind(("127.0.0.1", manager.port))
        manager.start()
        assert manager.logged_in(name, cookie)
    manager.end(signal.SIGTERM)
    manager.stopped_for_good()
    manager.start()
    assert not manager.logged_in(name, cookie)


def test_sockets_of_another_port_or_address_are_not_adopted():
    held = listen(("127.0.0.1", "::1"), 0)
    port = held[0].getsockname()[1]
    numbers = [os.dup(one.fileno()) for one in held]
    adopted, left = adopt(numbers, ("127.0.0.1", "192.0.2.1"), port)
    assert ([one.getsockname()[0] for one in adopted], left) == (["127.0.0.1"], ["192.0.2.1"])
    again = [os.dup(one.fileno()) for one in held]
    assert adopt(again, ("localhost", "127.0.0.1"), port) == ([], ["localhost", "127.0.0.1"])
    assert adopt([os.dup(held[0].fileno())], ("127.0.0.1",), port + 1) == ([], ["127.0.0.1"])
    for one in (*adopted, *held):
        one.close()


def test_what_is_not_for_this_process_is_not_taken():
    env = {"LISTEN_PID": "1", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "hive-web:hive-web", "HOME": "/"}
    store = DescriptorStore.from_env(env, os.getpid(), None)
    assert (store.take("hive-web"), env) == ([], {"HOME": "/"})


def test_without_a_service_manager_nothing_is_kept_open():
    with socket.socket() as sock:
        store = DescriptorStore()
        store.keep("hive-web", [sock.fileno()])
        assert store.take("hive-web") == []
