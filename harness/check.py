"""`hive-harness --check`: whether the harness can work where it was started, as one line of JSON, instead of a run.

It reads its settings as a harness does and runs Claude Code for its version. Standard output is an object with `claude`
(its path) and `version`, or with `error`.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping

from harness.settings import SettingsError, from_environment

VERSION_SECONDS = 60.0
"""A cold disk may take some seconds to load a program of 160 MB."""


def check(env: Mapping[str, str]) -> int:
    """Print what was found; the exit status: 0 when all is well, 2 for wrong settings, 1 when Claude does not run."""
    try:
        claude = str(from_environment(env).claude_cli)
    except SettingsError as error:
        return _say(2, error=str(error))
    try:
        done = subprocess.run(
            [claude, "--version"], env=dict(env), capture_output=True, text=True, timeout=VERSION_SECONDS, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return _say(1, claude=claude, error=f"{claude} does not run: {error}")
    if done.returncode != 0:
        said = done.stderr.strip()[-300:]
        return _say(1, claude=claude, error=f"{claude} --version ended with {done.returncode}: {said}".rstrip(": "))
    return _say(0, claude=claude, version=done.stdout.strip())


def main() -> int:
    """For `hive-harness --check`."""
    return check(os.environ)


def _say(status: int, **found: str) -> int:
    sys.stdout.write(json.dumps(found) + "\n")
    return status
