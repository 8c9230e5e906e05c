"""A real `hive-proxy` process as the daemon starts it, and clients for its sockets."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from harness.wire.network import Network
from harness.wire.proxy import Close, End, Serve, Upstream
from tests.waiting import SECONDS


class ProxyProcess:
    """Use as a context manager. `prefix` is a command that starts the proxy somewhere else."""

    def __init__(self, prefix=(), arguments=()):
        self.folder = tempfile.TemporaryDirectory(prefix="hive-")
        self.path = Path(self.folder.name, "control.sock")
        argv = ["--foreground", "--control", str(self.path), "--daemon-uid", str(os.geteuid()), *arguments]
        self.argv = [*prefix, sys.executable, "-m", "harness.proxy.main", *argv]
        self.listening, self.serves, self.reports = {}, [], []
        self.reported = threading.Condition()

    def __enter__(self):
        self.start()
        return self

    def start(self):
        self.path.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            self.argv, stdout=subprocess.PIPE, env={"PATH": os.environ["PATH"]}, cwd=Path.cwd()
        )
        assert self.process.stdout.readline() == b"up\n"
        self.process.stdout.close()
        self.connect_daemon()
        for serve in self.serves:
            self._send(serve)

    def connect_daemon(self):
        """Speak to it as a daemon; what it says first, and the agents it holds sockets of."""
        self.control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.control.connect(str(self.path))
        self.hello, self.held = json.loads(self.control.recv(65536)), {}
        for _ in range(self.hello["held"]):
            data, (descriptor,), _, _ = socket.recv_fds(self.control, 65536, 1)
            self.held[json.loads(data)["agent"]] = socket.socket(fileno=descriptor)
        self.reader = threading.Thread(target=self._read, args=(self.control,))
        self.reader.start()

    def leave(self):
        """End the connection as the death of a daemon does."""
        self.control.shutdown(socket.SHUT_RDWR)
        self.reader.join(SECONDS)
        self.control.close()
        for held in self.held.values():
            held.close()

    def stop(self):
        """End it; the sockets stay."""
        with contextlib.suppress(OSError):
            self.order(End())
        self.process.wait(SECONDS)
        self.leave()

    def kill(self):
        self.process.kill()
        self.stop()

    def __exit__(self, *_):
        self.stop()
        for listening in self.listening.values():
            listening.close()
        self.folder.cleanup()

    def order(self, order):
        self.control.send(order.model_dump_json().encode())

    @property
    def worker(self):
        """The pid of the process that serves."""
        (pid,) = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return int(pid)

    def _read(self, control):
        with contextlib.suppress(OSError):
            while data := control.recv(65536):
                with self.reported:
                    self.reports.append(json.loads(data)["report"])
                    self.reported.notify_all()

    def wait_for(self, agent, count):
        """The reports of an agent, as soon as they tell of so many attempts."""

        def rows():
            return [row for row in self.reports if row["agent"] == agent]

        with self.reported:
            counted = self.reported.wait_for(
                lambda: sum(row["connected"] + row["refused"] for row in rows()) >= count, SECONDS
            )
            assert counted, rows()
            return rows()

    def serve(self, agent="alice", *, network=None, upstream=None):
        """Open a socket for an agent; its path."""
        path = Path(self.folder.name) / f"{agent}.sock"
        self.listening[agent] = listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(path))
        path.chmod(0o666)
        listening.listen(128)
        serve = Serve(agent=agent, network=network or Network(mode="proxied"), upstream=upstream or Upstream())
        self.serves.append(serve)
        self._send(serve)
        return path

    def close_agent(self, agent):
        self.order(Close(agent=agent))

    def _send(self, serve):
        socket.send_fds(self.control, [serve.model_dump_json().encode()], [self.listening[serve.agent].fileno()])


class Client:
    """One connection to an agent's socket."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(SECONDS)
        try:
            self.sock.connect(str(path))
        except BaseException:
            self.sock.close()
            raise
        self.file = self.sock.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()
        self.sock.close()

    def send(self, data):
        self.sock.sendall(data)

    def head(self):
        """The status and the headers of an answer."""
        first = self.file.readline()
        headers = {}
        while (line := self.file.readline()) not in {b"\r\n", b""}:
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        return (int(first.split()[1]) if first else 0), headers

    def answer(self):
        """The status, the headers and the body of an answer."""
        status, headers = self.head()
        if "content-length" in headers:
            return status, headers, self.file.read(int(headers["content-length"]))
        if headers.get("transfer-encoding") != "chunked":
            return status, headers, self.file.read()
        body = b""
        while size := int(self.file.readline(), 16):
            body += self.file.read(size)
            self.file.readline()
        self.file.readline()
        return status, headers, body

    def request(self, method, target, *, body=b"", **headers):
        lines = [f"{method} {target} HTTP/1.1", "Host: model", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self.answer()

    def connect(self, host, port):
        """What CONNECT answers."""
        self.send(f"CONNECT {host}:{port} HTTP/1.1\r\n\r\n".encode())
        return self.head()[0]

    def socks(self, host, port):
        """What SOCKS5 answers: 0 is connected."""
        name = host.encode()
        self.send(b"\5\1\0")
        assert self.file.read(2) == b"\5\0"
        self.send(b"\5\1\0\3" + bytes((len(name),)) + name + port.to_bytes(2, "big"))
        return self.file.read(10)[1]
