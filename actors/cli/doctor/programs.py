"""The programs and the environment that hive runs with."""

import os
import shutil
import sqlite3
import subprocess
import sys

from actors.cli.doctor.finding import Finding, Level
from actors.daemon_settings import DaemonSettings, stray

RUN_SECONDS = 30.0

WAL_BUG_FIRST, WAL_BUG_LAST = (3, 7, 0), (3, 51, 2)
"""SQLite versions in which two connections that write or checkpoint one WAL at once can corrupt it."""


def python(_: DaemonSettings) -> Finding:
    # hive cannot be installed for an older one; a report names the version all the same.
    return Finding("python", Level.OK, f"{'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}")


def sqlite(_: DaemonSettings) -> Finding:
    return Finding("sqlite", Level.OK, f"{sqlite3.sqlite_version}: {wal_verdict(sqlite3.sqlite_version_info)}")


def wal_verdict(version: tuple[int, ...]) -> str:
    """Whether this version has the WAL-reset bug, and what that means for hive."""
    if WAL_BUG_FIRST <= version[:3] <= WAL_BUG_LAST:
        return "has the WAL-reset bug, which needs two writers; hive has one, so it is safe"
    return "free of the WAL-reset bug"


def environment(_: DaemonSettings) -> Finding:
    wrong = [f"{name} (did you mean {guess}?)" for name, guess in stray(os.environ).items()]
    if wrong:
        return Finding("environment", Level.WARN, f"no setting: {', '.join(wrong)}", "correct or unset it")
    return Finding("environment", Level.OK, "no misspelt HIVE_ variable")


def git(_: DaemonSettings) -> Finding:
    version = first_line(["git", "--version"])
    if version is None:
        return Finding("git", Level.BAD, "git is not installed", "apt install git")
    return Finding("git", Level.OK, version.removeprefix("git version "))


def chromium(_: DaemonSettings) -> Finding:
    found = shutil.which("chromium")
    return Finding("chromium", Level.OK, found or "not installed; only hive's own tests use it")


def first_line(argv: list[str]) -> str | None:
    """The first line that a program prints; None when it is missing, fails or takes too long."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=RUN_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return next(iter(done.stdout.splitlines()), "")
