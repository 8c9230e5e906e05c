"""Small programs that stand for a harness, and what a test needs to start them."""

import sys
import time

import gevent
import psutil
from gevent.event import Event

from actors.agent.runtime import Launch
from actors.agent.runtime.roots import program_roots
from actors.agent.workspace import Workspace

SECONDS = 10.0

SERVE = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b"asked to end\\n"), os._exit(0)))
print("up", os.getpid(), flush=True)
while True: signal.pause()
"""

CLIENT = """
import json, os, socket, time
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
        time.sleep(0.02)
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
    return (sys.executable, "-I", "-c", text)


def launch(workspace: Workspace, text: str, name="alice", **more) -> Launch:
    paths = workspace.prepare(name)
    env = {"PATH": "/usr/bin:/bin", "HIVE_NAME": name}
    return Launch(paths=paths, argv=program(text), env=env, programs=program_roots(None), **more)


def lines_until(runtime, paths, wanted: str) -> list[str]:
    """Wait for the container to write a line that holds `wanted`."""
    changed = Event()
    watcher = gevent.get_hub().loop.stat(str(paths.log), 0.01)
    watcher.start(changed.set)
    try:
        deadline = time.monotonic() + SECONDS
        while True:
            lines = runtime.logs(paths, 100)
            if any(wanted in line for line in lines):
                return lines
            assert time.monotonic() < deadline, f"{wanted!r} never came: {lines}"
            changed.wait(0.05)
            changed.clear()
    finally:
        watcher.stop()
        watcher.close()


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


def wait_ended(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those which are still there after a while. A zombie counts as ended: reaping it is the init's business."""
    deadline = time.monotonic() + SECONDS
    while (left := [one for one in processes if not has_ended(one)]) and time.monotonic() < deadline:
        gevent.sleep(0.005)
    return left


def has_ended(process: psutil.Process) -> bool:
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
