"""Runs inside a container: every place where one of some words can be read. Prints JSON: word number → places.

Argument: the words, each in two halves, so that this command line is not where they are found.
"""

import contextlib
import json
import os
import sys
import zlib
from pathlib import Path

WORDS = ["".join(halves).encode() for halves in json.loads(sys.argv[1])]
found = {str(number): [] for number in range(len(WORDS))}
MOST = 20_000_000


def look(place, content):
    with contextlib.suppress(zlib.error):
        content += zlib.decompress(content)  # an object of git
    for number, word in enumerate(WORDS):
        if word in content:
            found[str(number)].append(str(place))


def memory(process):
    """What of another process's memory can be read."""
    with (process / "mem").open("rb", 0) as mem, contextlib.suppress(OSError, ValueError):
        for line in (process / "maps").read_text().splitlines():
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if "rw" in line and end - start < MOST:
                with contextlib.suppress(OSError, ValueError, OverflowError):
                    mem.seek(start)
                    look(f"{process}/mem", mem.read(end - start))


for process in Path("/proc").iterdir():
    if process.name.isdigit() and int(process.name) != os.getpid():
        for name in ("environ", "cmdline"):
            with contextlib.suppress(OSError):
                look(process / name, (process / name).read_bytes())
        with contextlib.suppress(OSError):
            memory(process)
        with contextlib.suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if descriptor.stat().st_size < MOST and descriptor.is_file():
                        look(descriptor, descriptor.read_bytes())
for top in ("/agents", "/applied", "/run", "/shared", "/tmp", "/etc", "/dev/shm", "/var", "/root", "/home", "/srv"):
    for folder, _, files in os.walk(top):
        for name in files:
            path = Path(folder, name)
            with contextlib.suppress(OSError):
                if path.is_file() and path.stat().st_size < MOST:
                    look(path, path.read_bytes())
print(json.dumps({number: sorted(set(places)) for number, places in found.items()}))
