"""The kinds of container this machine can have, which one the daemon takes, and what holds an agent in it."""

import os
import shutil

from actors.cli.doctor.finding import Finding, Level
from actors.cli.doctor.programs import first_line
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import HiveError


def runtime(config: DaemonSettings) -> Finding:
    """What the daemon would decide, by its own function."""
    from actors.agent.runtime.selection import select

    try:
        selected = select(config.runtime)
    except HiveError as error:
        return Finding("runtime", Level.BAD, error.message, error.hint)
    if selected.warning is not None:
        return Finding("runtime", Level.WARN, selected.warning, "install bubblewrap for a sandbox: `make deps`")
    return Finding("runtime", Level.OK, f"{selected.runtime.name}: {selected.runtime.isolation}")


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
    version = first_line(["bwrap", "--version"])
    return Finding("bwrap", Level.OK, f"{version}, makes sandboxes, {who}, no user namespace inside")


def nspawn(config: DaemonSettings) -> Finding:
    from actors.agent.runtime import nspawn as runtime
    from actors.agent.runtime.image import Images

    wanted = config.runtime == "nspawn"
    if trouble := runtime.trouble():
        hint = "as root: apt install systemd-container mmdebstrap"
        return Finding("nspawn", Level.BAD if wanted else Level.OK, trouble, hint)
    image = Images(config.state_dir).current()
    there = f"the root image {image.digest} is built" if image else "no root image yet"
    level = Level.WARN if wanted and image is None else Level.OK
    return Finding("nspawn", level, f"systemd-nspawn and mmdebstrap are installed, {there}", "hive image build")


def boundary(config: DaemonSettings) -> list[Finding]:
    """Each promise of docs/security.md, tried on a real container of the runtime that the settings name."""
    from actors.cli.boundary.promises import NO
    from actors.cli.boundary.trial import try_boundary

    kind, outcomes = try_boundary(config)
    found = []
    for one in outcomes:
        expected = one.held or one.promised == NO
        broken = "not promised here" if expected else "not held"
        word = "cannot be tried" if one.held is None else "held" if one.held else broken
        text = f"{word}: an agent {one.promise.sentence}{f' ({one.detail})' if one.detail else ''}"
        hint = None if expected or one.held is None else f"docs/security.md promises {one.promised!r} for {kind}"
        found.append(Finding(f"boundary {one.promise.key}", Level.OK if expected else Level.WARN, text, hint))
    return found
