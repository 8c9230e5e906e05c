"""What starts in the sandbox of an MCP server: takes the environment from its standard input, becomes the server.

A program of its own, standard library only, run with `-I -S`. The first line is JSON: `command`, `args`, `env`. What
follows is the server's own input. Nothing of its own environment is passed on.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

FORWARDER_SECONDS = 3.0
PAUSE_SECONDS = 0.02


def main() -> None:
    hello = json.loads(_first_line())
    environment = hello["env"]
    proxy_socket, port = environment.get("HIVE_PROXY_SOCKET"), environment.get("HIVE_PROXY_PORT")
    if proxy_socket and port:
        _start_forwarder(proxy_socket, int(port))
    with contextlib.suppress(OSError):
        # Not the agent's folder: some programs take modules and settings from where they are started.
        os.chdir(environment["HOME"])
    argv = [hello["command"], *hello["args"]]
    try:
        os.execvpe(argv[0], argv, environment)  # noqa: S606 — the approved command
    except OSError as error:
        sys.exit(f"{argv[0]} cannot be started: {error.strerror}")


def _first_line() -> bytes:
    """Byte by byte: what follows is not ours to read."""
    line = bytearray()
    while (byte := os.read(0, 1)) not in (b"\n", b""):
        line += byte
    return bytes(line)


def _start_forwarder(path: str, port: int) -> None:
    """The sandbox has a network of its own: its way out is the agent's socket of `hive-proxy`."""
    package = Path(__file__).parents[2]
    subprocess.Popen(
        [sys.executable, "-P", "-m", "harness.proxy.forward", path, str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    give_up = time.monotonic() + FORWARDER_SECONDS
    while time.monotonic() < give_up:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    main()
