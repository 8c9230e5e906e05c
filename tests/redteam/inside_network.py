"""Runs inside a container: what can be reached and bound, and where a word can be read. Prints JSON.

Arguments: the ports on the loopback of the machine; addresses of the machine; `--find` and the halves of the key,
apart, so that this command line is not where it is found.
"""

import errno
import json
import os
import socket
import sys
from pathlib import Path

ports, addresses, halves = json.loads(sys.argv[1])
KEY = "".join(halves).encode()


def outcome(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(5)
        try:
            sock.connect(address)
        except OSError as error:
            return errno.errorcode.get(error.errno, str(error))
        return "connected"


def reached():
    found = {}
    for port in ports:
        for family, host in [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]:
            found[f"{host} {port}"] = outcome(family, (host, port))
        for host in addresses:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            found[f"{host} {port}"] = outcome(family, (host, port))
    return found


def bound(port):
    """A port of the machine that is free, taken here on all addresses for as long as this runs."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("0.0.0.0", port))
    sock.listen()
    return sock


def readable():
    """Every place where the key can be read."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            for name in ("environ", "cmdline"):
                try:
                    if KEY in (process / name).read_bytes():
                        found.append(str(process / name))
                except OSError:
                    continue
    for top in ("/agents", "/applied", "/run", "/shared", "/tmp", "/etc", "/dev/shm", "/var"):
        for folder, _, files in os.walk(top):
            for name in files:
                path = Path(folder, name)
                try:
                    if path.is_file() and path.stat().st_size < 20_000_000 and KEY in path.read_bytes():
                        found.append(str(path))
                except OSError:
                    continue
    return found


print(
    json.dumps(
        {
            "reached": reached(),
            "key": readable(),
            "interfaces": sorted(os.listdir("/sys/class/net"))
            if os.path.isdir("/sys/class/net")
            else [name for _, name in socket.if_nameindex()],
        }
    )
)
