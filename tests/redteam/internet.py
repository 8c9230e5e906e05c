"""Two network namespaces: a machine, and an internet with one server. Names come from a resolver file of the test's own.

The machine is where a hive runs. Nothing of this reaches the network of the host, and nothing outlives `close`.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.needs import needs, needs_root

MACHINE, SERVER = "93.184.215.2", "93.184.215.14"
MACHINE_6, SERVER_6 = "2a02:6b8::2", "2a02:6b8::14"
NAMES = {
    "allowed.example": [SERVER],
    "deep.allowed.example": [SERVER],
    "other.example": [SERVER],
    "six.example": [SERVER_6],
    "loopback.example": ["127.0.0.1"],
    "loopback6.example": ["::1"],
    "mapped.example": ["::ffff:127.0.0.1"],
    "lan.example": ["192.168.7.7"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": [SERVER, "127.0.0.1"],
    "machine.example": [MACHINE],
    "localhost": ["127.0.0.1", "::1"],
}


def needs_namespaces(function):
    return needs_root(needs("ip", "unshare", "nsenter", "setpriv")(function))


class Internet:
    """Use as a context manager."""

    def __init__(self, *, unprivileged=False):
        self.folder = Path(tempfile.mkdtemp(prefix="hive-net-"))
        self.folder.chmod(0o755)
        self.unprivileged = unprivileged
        self._processes = []

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for process in reversed(self._processes):
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        shutil.rmtree(self.folder)

    @property
    def on_machine(self):
        """The command that starts a program on the machine, as the user of its daemon."""
        enter = ["nsenter", "--target", str(self.machine.pid), "--net", "--mount", "--wd=" + str(Path.cwd()), "--"]
        user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "--"]
        return enter + (user if self.unprivileged else [])

    def _build(self):
        self.machine = self._hold("--net", "--mount", "--propagation", "private")
        internet = self._hold("--net")
        machine, there = (["nsenter", "--target", str(one.pid), "--net", "--mount"] for one in (self.machine, internet))
        pair = f"name uplink type veth peer name downlink netns {internet.pid}".split()
        _run(*machine, "ip", "link", "add", *pair)
        for place, link, four, six in ((machine, "uplink", MACHINE, MACHINE_6), (there, "downlink", SERVER, SERVER_6)):
            _run(*place, "ip", "link", "set", "lo", "up")
            _run(*place, "ip", "address", "add", f"{four}/24", "dev", link)
            _run(*place, "ip", "address", "add", f"{six}/64", "dev", link, "nodad")
            _run(*place, "ip", "link", "set", "dev", link, "up")
        hosts = self.folder / "hosts"
        hosts.write_text("".join(f"{address} {name}\n" for name, found in NAMES.items() for address in found))
        _run(*machine, "mount", "--bind", str(hosts), "/etc/hosts")
        if self.unprivileged:
            self._show_python(machine)
        self._serve(there)

    def _show_python(self, machine):
        """Where the interpreter lies below a home of root's, let the other user see the interpreter and nothing else."""
        base = Path(sys.base_prefix)
        home = next((place for place in reversed(base.parents) if place.stat().st_mode & 0o5 != 0o5), None)
        if home is None:
            return
        kept = self.folder / "python"
        kept.mkdir()
        _run(*machine, "mount", "--bind", str(base), str(kept))
        _run(*machine, "mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(home))
        _run(*machine, "mkdir", "-p", str(base))
        _run(*machine, "mount", "--bind", str(kept), str(base))

    def _serve(self, there):
        """The server of the internet: a file, a repository for git, on port 80 of both addresses."""
        site, work = self.folder / "site", self.folder / "work"
        site.mkdir()
        (site / "hello").write_text("hello from the internet\n")
        _run("git", "init", "--quiet", str(work))
        (work / "README").write_text("a repository of the internet\n")
        _run("git", "-C", str(work), "add", "README")
        _run("git", "-C", str(work), "-c", "user.name=x", "-c", "user.email=x@x", "commit", "--quiet", "-m", "first")
        _run("git", "clone", "--quiet", "--bare", str(work), str(site / "repo.git"))
        _run("git", "-C", str(site / "repo.git"), "update-server-info")
        _publish_wheel(site)
        for address in (SERVER, SERVER_6):
            argv = [sys.executable, "-u", "-m", "http.server", "80", "--bind", address, "--directory", str(site)]
            self._first_line([*there, *argv])

    def listen(self, port):
        """A service on the machine's loopback that nobody may reach; `accepted` of it tells who did."""
        return Service(self.on_machine, port)

    def _hold(self, *options):
        """A namespace that lives until its process ends."""
        return self._first_line(["unshare", *options, "sh", "-c", "echo up; exec cat"])

    def _first_line(self, argv):
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._processes.append(process)
        assert process.stdout.readline(), f"{argv} did not start"
        return process


def _publish_wheel(site):
    """A package index with one small package, as pip reads it."""
    index, name = site / "simple/parcel", "parcel-1.0-py3-none-any.whl"
    index.mkdir(parents=True)
    (index / "index.html").write_text(f'<a href="{name}">{name}</a>')
    files = {
        "parcel.py": "",
        "parcel-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: parcel\nVersion: 1.0\n",
        "parcel-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "parcel-1.0.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(index / name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


SERVICE = """
import socket, sys
s = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("up", flush=True)
while True:
    s.accept()[0].close()
    print("somebody", flush=True)
"""


class Service:
    """Counts its connections until `close`."""

    def __init__(self, prefix, port):
        self.port = port
        argv = [*prefix, sys.executable, "-c", SERVICE, str(port)]
        self._process = subprocess.Popen(argv, stdout=subprocess.PIPE)
        assert self._process.stdout.readline() == b"up\n"

    def close(self):
        """How many connections there were."""
        self._process.kill()
        rest = self._process.stdout.read()
        self._process.stdout.close()
        self._process.wait()
        return rest.count(b"somebody")


def _run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
