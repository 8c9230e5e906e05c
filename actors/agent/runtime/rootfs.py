"""An agent's own root file system: the shared image below, what the agent changed above.

Owns `agents/<n>/layer/<image>/`. Two ways: an overlay over an idmapped mount of the image, which costs nothing
until something is written; where kernel or file system cannot do that, a copy of the image. An agent is not root there
and writes little; its layer goes when it is destroyed, or when hive moves to another image.
"""

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from actors.agent.runtime.image import Image
from actors.agent.runtime.userns import FIRST
from harness.wire.errors import unavailable

LAYER = Path(__file__).with_name("layer.py")
MOUNTED = "/run/systemd/nspawn"
"""Private to each container: `layer.py` mounts there."""

TRY_SECONDS = 10.0


def prepare(folder: Path, image: Image, base: int) -> None:
    """Have the layer at `folder` stand on `image`. May take seconds where the image has to be copied. Idempotent."""
    place = _place(folder, image)
    if folder.is_dir():
        for other in folder.iterdir():
            if other != place:
                shutil.rmtree(other)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (place / "root").is_dir():
        return
    if overlay_trouble(image.root, folder) is None:
        (place / "work").mkdir(exist_ok=True)
        (place / "upper").mkdir(exist_ok=True)
        os.chown(place / "upper", base, base)
        return
    part = place / "root.part"
    shutil.rmtree(part, ignore_errors=True)
    copied = subprocess.run(
        ["cp", "-a", "--reflink=auto", str(image.root), str(part)], capture_output=True, text=True, check=False
    )
    if copied.returncode != 0:
        raise unavailable(f"the image could not be copied: {copied.stderr.strip()[-200:]}", "is the disk full?")
    part.rename(place / "root")


def orders(folder: Path, image: Image, base: int) -> dict[str, Any]:
    """What `layer.py` is told about the root of this agent."""
    told: dict[str, Any] = {"root": str(root_of(folder, image)), "base": base}
    return told if is_copy(folder, image) else told | {"image": str(image.root), "layer": str(_place(folder, image))}


def fresh_orders(image: Image, base: int) -> dict[str, Any]:
    """What `layer.py` is told about a root that stands on the image alone and keeps nothing."""
    return {"root": str(Path(MOUNTED) / "root"), "base": base, "image": str(image.root), "layer": None}


def root_of(folder: Path, image: Image) -> Path:
    """Where the container's root will be: the copy, or where `layer.py` mounts the overlay."""
    return _place(folder, image) / "root" if is_copy(folder, image) else Path(MOUNTED) / "root"


def is_copy(folder: Path, image: Image) -> bool:
    """Whether this agent has a copy of its own, whose owners nspawn has to change."""
    return (_place(folder, image) / "root").is_dir()


def _place(folder: Path, image: Image) -> Path:
    """Not the bare digest: under that name lie layers that agents of an older hive could write to as root."""
    return folder / f"{image.digest}-closed"


def overlay_trouble(image: Path, folder: Path) -> str | None:
    """None when an overlay on `image` can be made with its layer below `folder`, else why not; found out by trying."""
    return _tried(image, _file_system(folder))


@functools.cache
def _tried(image: Path, file_system: tuple[int, Path]) -> str | None:
    with tempfile.TemporaryDirectory(prefix=".hive-overlay-", dir=file_system[1]) as place:
        for name in ("upper", "work"):
            (Path(place) / name).mkdir()
        trial = {
            "binds": [], "argv": [], "root": f"{MOUNTED}/root", "image": str(image), "layer": place,
            "base": FIRST,
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(LAYER), json.dumps(trial)],
            capture_output=True,
            text=True,
            env={"PATH": os.defpath},
            timeout=TRY_SECONDS,
            check=False,
        )
    return None if done.returncode == 0 else done.stderr.strip()[-300:] or "it ended without a word"


def _file_system(folder: Path) -> tuple[int, Path]:
    """Where a trial tells something about `folder`: the agents' folder, which is on the same disk for all of them."""
    place = folder.parent.parent
    return (place.stat().st_dev, place)
