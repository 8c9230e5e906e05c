"""What the hive needs of a machine: one function per check, which looks and returns its finding.

A check reads files and runs programs, but changes nothing. It never raises for what it was made to find.
"""

import importlib.util
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from actors.cli.client import DaemonClient
from actors.daemon_settings import DaemonSettings, stray
from harness.wire.errors import HiveError

RUN_SECONDS = 30.0
LOW_BYTES, EMPTY_BYTES = 2 * 1024**3, 200 * 1024**2

WAL_BUG_FIRST, WAL_BUG_LAST = (3, 7, 0), (3, 51, 2)
"""SQLite versions in which two connections that write or checkpoint one WAL at once can corrupt it."""


class Level(StrEnum):
    """How bad a finding is: `bad` means that the hive cannot run, and `hive doctor` exits with 1."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `hint` is the way out."""

    check: str
    level: Level
    text: str
    hint: str | None = None


def python(_: DaemonSettings) -> Finding:
    # hive cannot be installed for an older one; a report names the version all the same.
    return Finding("python", Level.OK, ".".join(map(str, sys.version_info[:3])))


def sqlite(_: DaemonSettings) -> Finding:
    return Finding("sqlite", Level.OK, f"{sqlite3.sqlite_version}: {wal_verdict(sqlite3.sqlite_version_info)}")


def wal_verdict(version: tuple[int, ...]) -> str:
    """Whether this version has the WAL-reset bug, and what that means for hive."""
    if WAL_BUG_FIRST <= version[:3] <= WAL_BUG_LAST:
        return "has the WAL-reset bug, which needs two writers; hive has one, so it is safe"
    return "free of the WAL-reset bug"


def disk(config: DaemonSettings) -> Finding:
    place = next(path for path in (config.state_dir, *config.state_dir.parents) if path.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1024**3:.1f} GiB free at {place}"
    level = Level.BAD if free < EMPTY_BYTES else Level.WARN if free < LOW_BYTES else Level.OK
    return Finding("disk", level, text, None if level is Level.OK else "free disk space, or set state_dir elsewhere")


def state_dir(config: DaemonSettings) -> Finding:
    place = next(path for path in (config.state_dir, *config.state_dir.parents) if path.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding(
            "state_dir", Level.BAD, f"you may not write to {place}", "set state_dir to a folder that you may write to"
        )
    return Finding("state_dir", Level.OK, str(config.state_dir))


def run_dir(config: DaemonSettings) -> Finding:
    place = next(path for path in (config.run_dir, *config.run_dir.parents) if path.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        return Finding(
            "run_dir", Level.BAD, f"you may not write to {place}", "set run_dir to a folder that you may write to"
        )
    # Its length was checked when the settings were read.
    return Finding("run_dir", Level.OK, f"{config.run_dir}, {len(bytes(config.run_dir))} bytes of at most 57")


def environment(_: DaemonSettings) -> Finding:
    wrong = [f"{name} (did you mean {guess}?)" for name, guess in stray(os.environ).items()]
    if wrong:
        return Finding("environment", Level.WARN, f"no setting: {', '.join(wrong)}", "correct or unset it")
    return Finding("environment", Level.OK, "no misspelt HIVE_ variable")


def claude(config: DaemonSettings) -> Finding:
    program = claude_program(config)
    if program is None:
        return Finding(
            "claude", Level.BAD, "there is no claude program", "install hive's packages again, or set claude_cli"
        )
    with tempfile.TemporaryDirectory(prefix="hive-doctor-") as home:
        version = _run([str(program), "--version"], {"HOME": home, "PATH": os.defpath})
    if version is None:
        return Finding("claude", Level.BAD, f"{program} does not run", "set claude_cli to one that does")
    return Finding("claude", Level.OK, f"{version} at {program}")


def claude_program(config: DaemonSettings) -> Path | None:
    """The claude that agents run: the configured one, that of the SDK, or the one on the PATH."""
    if config.claude_cli is not None:
        return config.claude_cli
    spec = importlib.util.find_spec("claude_agent_sdk")
    places = spec.submodule_search_locations if spec else None
    bundled = [Path(place) / "_bundled" / "claude" for place in places or []]
    found = shutil.which("claude")
    return next((path for path in bundled if os.access(path, os.X_OK)), Path(found) if found else None)


def git(_: DaemonSettings) -> Finding:
    version = _run(["git", "--version"])
    if version is None:
        return Finding("git", Level.BAD, "git is not installed", "apt install git")
    return Finding("git", Level.OK, version.removeprefix("git version "))


def bwrap(config: DaemonSettings) -> Finding:
    from actors.agent.runtime import bwrap as runtime

    root = os.geteuid() == 0
    wanted = config.runtime == "bwrap" or (root and config.runtime == "auto")
    lacking = Level.BAD if wanted else Level.WARN if config.runtime == "auto" else Level.OK
    remark = (
        "" if wanted else "; agents run unsandboxed" if config.runtime == "auto" else f"; runtime is {config.runtime}"
    )
    if shutil.which("bwrap") is None:
        return Finding("bwrap", lacking, f"not installed{remark}", "apt install bubblewrap")
    if trouble := runtime.probe():
        return Finding("bwrap", lacking, f"{trouble}{remark}", "allow user namespaces to ordinary users")
    who = "each agent is a uid of its own" if root else "agents are this user, who owns what they write"
    if nested := runtime.nested_trouble():
        return Finding("bwrap", Level.WARN, f"makes sandboxes, {who}; {nested}", "install bubblewrap 0.8 or later")
    return Finding(
        "bwrap", Level.OK, f"{_run(['bwrap', '--version'])}, makes sandboxes, {who}, no user namespace inside"
    )


def nspawn(config: DaemonSettings) -> Finding:
    wanted = config.runtime == "nspawn"
    missing = [name for name in ("systemd-nspawn", "mmdebstrap") if shutil.which(name) is None]
    if missing:
        hint = "apt install systemd-container mmdebstrap"
        return Finding("nspawn", Level.BAD if wanted else Level.OK, f"not installed: {', '.join(missing)}", hint)
    if os.geteuid() != 0:
        return Finding(
            "nspawn", Level.BAD if wanted else Level.OK, "installed, but needs root", "run hive as root for it"
        )
    from actors.agent.runtime.image import Images

    image = Images(config.state_dir).current()
    there = f"the root image {image.digest} is built" if image else "no root image yet"
    level = Level.WARN if wanted and image is None else Level.OK
    return Finding("nspawn", level, f"systemd-nspawn and mmdebstrap are installed, {there}", "hive image build")


def cgroup(config: DaemonSettings) -> Finding:
    from actors.agent.runtime.cgroup import Cgroups
    from harness.wire.agent_config import Limits

    limits = Cgroups(config.run_dir).describe(Limits(memory="1G", cpu=1.0, pids=100))
    lacking = [name for name, how in limits.items() if how.startswith("not enforced")]
    if not lacking:
        return Finding("cgroup", Level.OK, f"memory, cpu and pids limits: {limits['memory']}")
    text = (
        f"no group to write to for {', '.join(lacking)}: memory is limited per process, pids only in bwrap, cpu is not"
    )
    return Finding("cgroup", Level.WARN, text, "run hive as root, or where the service manager delegates groups")


def secrets(config: DaemonSettings) -> Finding:
    from actors.secrets.credentials import is_credential
    from actors.secrets.references import of_table
    from actors.secrets.store import FOLDER, SecretStore

    folder = config.state_dir / FOLDER
    try:
        if folder.stat().st_mode & 0o077:
            return Finding("secrets", Level.BAD, f"others can read {folder}", f"chmod 700 {folder}")
        known = {one.name for one in SecretStore(config.state_dir).entries()}
    except OSError:
        known = set()
    if missing := sorted({name for _, name in of_table(config.agent_env, "agent_env")} - known):
        text = f"agent_env refers to what is not there: {', '.join(missing)}; no agent starts"
        return Finding("secrets", Level.BAD, text, f"hive secret set {missing[0]}")
    if literal := sorted(name for name, value in config.agent_env.items() if is_credential(name, value)):
        text = f"agent_env holds what looks like a credential: {', '.join(literal)}"
        return Finding("secrets", Level.WARN, text, f'hive secret set {literal[0]}, then "secret:{literal[0]}"')
    return Finding("secrets", Level.OK, f"{len(known)} in {folder}, which is its owner's alone" if known else "none")


def boundary(config: DaemonSettings) -> list[Finding]:
    """Each promise of docs/security.md, tried on a real container of the runtime that the settings name."""
    from actors.cli.boundary.promises import NO
    from actors.cli.boundary.trial import try_boundary

    kind, outcomes = try_boundary(config)
    found = []
    for one in outcomes:
        word = "cannot be tried" if one.held is None else "held" if one.held else "not held"
        expected = one.held or one.promised == NO
        text = f"{word}: an agent {one.promise.sentence}{f' ({one.detail})' if one.detail else ''}"
        hint = None if expected or one.held is None else f"docs/security.md promises {one.promised!r} for {kind}"
        found.append(Finding(f"boundary {one.promise.key}", Level.OK if expected else Level.WARN, text, hint))
    return found


def page_libraries(_: DaemonSettings) -> Finding:
    spec = importlib.util.find_spec("web")
    built = [
        Path(place) / "static/vendor/.built" for place in (spec.submodule_search_locations if spec else None) or []
    ]
    if not any(path.exists() for path in built):
        return Finding("web", Level.WARN, "the page's libraries are not built: reading only", "npm is needed; make up")
    return Finding("web", Level.OK, "the page's libraries are built")


def chromium(_: DaemonSettings) -> Finding:
    found = shutil.which("chromium")
    return Finding("chromium", Level.OK, found or "not installed; only hive's own tests use it")


def daemon(config: DaemonSettings) -> Finding:
    if not config.host_socket.exists():
        return Finding("daemon", Level.OK, "none runs here now")
    try:
        with DaemonClient(config.host_socket, reply_seconds=5.0) as client:
            names = client.request("list")["agents"]
    except HiveError as error:
        return Finding("daemon", Level.WARN, error.message, error.hint)
    return Finding("daemon", Level.OK, f"answers at {config.host_socket}, {len(names)} agents")


CHECKS: tuple[Callable[[DaemonSettings], Finding], ...] = (
    python, sqlite, state_dir, run_dir, disk, environment, secrets, claude, git, bwrap, nspawn, cgroup, page_libraries,
    chromium, daemon,
)  # fmt: skip


def _run(argv: list[str], env: dict[str, str] | None = None) -> str | None:
    """The first line that a program prints; None when it is missing, fails or takes too long."""
    try:
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=RUN_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(done.stdout.splitlines()), "")
