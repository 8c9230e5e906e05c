"""Small programs that stand for a harness, and what a test needs to start them."""

import psutil
from gevent.event import Event

from actors.agent.container.logs import of_last_life
from actors.agent.installation.roots import import_path, program_roots
from actors.agent.runtime import Launch
from actors.agent.workspace.paths import Workspace
from harness.wire.interpreter import interpreter
from tests.waiting import SECONDS, Changes

SERVE = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b"asked to end\\n"), os._exit(0)))
print("up", os.getpid(), flush=True)
while True: signal.pause()
"""

CLIENT = """
import json, os, socket, threading
again = threading.Event()  # never set: the pause of a client between two tries, as of a real one
print("harness", os.getpid(), flush=True)
while True:
    try:
        host = socket.socket(socket.AF_UNIX)
        host.connect(os.environ["HIVE_SOCKET"])
        lines = host.makefile("r")
        while True:
            host.sendall(b'{"cmd":"recv","wait_seconds":60}\\n')
            for message in json.loads(lines.readline())["messages"]:
                print("got", message["body"], flush=True)
    except (OSError, ValueError):
        again.wait(0.02)
"""

STUBBORN = """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
while True: signal.pause()
"""

LITTER = """
import os, signal, subprocess, sys
subprocess.Popen(["sleep", "1000"])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        print("up", flush=True)
        signal.pause()
    os._exit(0)
signal.pause()
"""


def program(text):
    return (interpreter(), "-I", "-c", f"import sys\nsys.path += {import_path()!r}\n{text}")


def launch(workspace: Workspace, text: str, name="alice", **more) -> Launch:
    paths = workspace.prepare(name)
    env = {"PATH": "/usr/bin:/bin", "HIVE_NAME": name}
    return Launch(paths=paths, argv=program(text), env=env, programs=program_roots(None), **more)


def lines_until(runtime, paths, wanted: str) -> list[str]:
    """Wait for the container to write a line that holds `wanted`; the last lines."""

    def seen():
        lines = runtime.logs(paths, 100)
        return lines if any(wanted in line for line in lines) else None

    with Changes(paths.log.parent) as changes:
        return changes.until(seen, f"{wanted!r} in {paths.log.name}")


def printed(runtime, paths) -> list[str]:
    """The last lines that the last container wrote itself."""
    return of_last_life(runtime.logs(paths, 100))


def wait_end(runtime, container) -> None:
    ended = Event()
    watch = runtime.watch(container, ended.set)
    try:
        assert ended.wait(SECONDS), "the container never ended"
    finally:
        watch.cancel()


def everything_below(pid: int) -> list[psutil.Process]:
    shim = psutil.Process(pid)
    return [shim, *shim.children(recursive=True)]
