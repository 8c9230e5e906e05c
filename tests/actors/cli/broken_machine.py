"""Machines on which something is broken: `hive doctor` runs in namespaces of its own, in which that is really so."""

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
WHOLE = "0 0 4294967295"
"""Every uid as itself."""


class Report(NamedTuple):
    """`findings`: level, text and hint by check."""

    exit_code: int
    findings: dict[str, dict[str, str]]

    def bad(self):
        return sorted(name for name, one in self.findings.items() if one["level"] == "bad")


def trouble_with_mounts() -> str | None:
    """Why no process here can have mounts of its own; None when one can."""
    words = ["unshare", "--mount", "--propagation", "private", "mount", "-t", "tmpfs", "none", "/mnt"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else done.stderr.strip() or "it was refused"


def doctor(
    state: Path, *checks: str, broken_by: str = "true", path: str | None = None, flags=(), python=sys.executable
):
    """Run `hive doctor --json` where the shell commands `broken_by` were run in a mount namespace before."""
    words = [python, "-m", "actors.cli", "doctor", *checks, "--json", "--state-dir", str(state), *flags]
    script = f'{broken_by} && exec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script, "sh", *words],
        capture_output=True, text=True, cwd=ROOT, timeout=100, check=False, env=_environment(path),
    )  # fmt: skip
    return _report(done)


def doctor_without_user_namespaces(state: Path, *checks: str):
    """The same in a user namespace in which every uid is there and no further namespace may be made."""
    words = [sys.executable, "-m", "actors.cli", "doctor", *checks, "--json", "--state-dir", str(state)]
    ready, go = os.pipe(), os.pipe()
    with subprocess.Popen(
        [sys.executable, __file__, str(ready[1]), str(go[0]), *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=_environment(None),
        pass_fds=(ready[1], go[0]),
    ) as process:  # fmt: skip
        os.close(ready[1])
        assert os.read(ready[0], 1) == b"x", process.communicate()
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{process.pid}/{kind}").write_text(WHOLE)
        os.write(go[1], b"x")
        out, err = process.communicate(timeout=100)
        for one in (ready[0], *go):
            os.close(one)
    return _report(subprocess.CompletedProcess(words, process.returncode, out, err))


def _report(done) -> Report:
    assert done.stdout, done.stderr
    return Report(done.returncode, {one["check"]: one for one in json.loads(done.stdout)})


def _environment(path):
    return {"PATH": path or os.environ["PATH"], "HOME": "/nonexistent", "PYTHONDONTWRITEBYTECODE": "1"}


def _enter(ready: int, go: int, words: list[str]) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    os.write(ready, b"x")
    os.read(go, 1)
    Path("/proc/sys/user/max_user_namespaces").write_text("0")
    os.execvp(words[0], words)


if __name__ == "__main__":
    _enter(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
