"""What tests of nspawn containers need: an image that is built once and kept for the next run too.

`python -m tests.actors.agent.nspawn_parts` builds it beforehand, so that no test's time is spent on it.
"""

import functools
import os
import shutil
from pathlib import Path

from actors.agent.runtime.cgroup import Cgroups
from actors.agent.runtime.image import Image, Images
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.workspace.paths import Workspace
from tests.needs import needs, needs_root

PROGRAMS = ("systemd-nspawn", "mmdebstrap", "nsenter")


def needs_nspawn(function):
    return needs_root(needs(*PROGRAMS)(function))


def lacking() -> str | None:
    """Why there can be no nspawn container here."""
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return "needs root" if os.geteuid() else f"{', '.join(missing)} not installed" if missing else None


SMALL_PACKAGE = "hello"
"""Asked for by the agent of one test; the image with it is kept as well."""


@functools.cache
def cached_image(*packages: str) -> Image:
    cache = Path(os.environ.get("HIVE_TEST_IMAGE") or Path.home() / ".cache/hyperhive/test-image")
    return Images(cache, packages=packages).build(lambda line: print("image:", line, flush=True))


def with_image(workspace: Workspace) -> Workspace:
    """Let this state dir have the image."""
    workspace.state_dir.mkdir(parents=True, exist_ok=True)
    (workspace.state_dir / "images").symlink_to(cached_image().root.parent.parent)
    return workspace


def clean_up(runtime: NspawnRuntime, workspace: Workspace) -> None:
    """End what runs and remove the groups."""
    for container in runtime.running(workspace):
        runtime.kill(container)
    cgroups = Cgroups(workspace.run_dir)
    for folder in (workspace.run_dir / "agents").glob("*"):
        cgroups.remove(folder.name)


if __name__ == "__main__":
    print(lacking() or (cached_image(), cached_image(SMALL_PACKAGE)))
