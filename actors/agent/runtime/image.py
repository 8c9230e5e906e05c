"""The root file system all nspawn agents start from: a small Debian of the host's own release, built once.

Owns `images/` below the state dir. An image is named by what went into it, built aside and renamed when it is whole,
so what is there under its name is complete. The packages come from the machine's own apt sources.
"""

import fcntl
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from harness.wire.errors import conflict, unavailable

FORMAT = 1
"""Part of every image's name; raised when `command` changes what comes out."""

PACKAGES = (
    "ca-certificates", "curl", "git", "jq", "less", "patch", "procps", "python3", "ripgrep", "tini", "xz-utils",
)  # fmt: skip
"""What Claude Code's Bash expects, an init that ends with its parent, and with python3 the libraries that a Python
built on the host is linked to."""

LEFT_OUT = ("/usr/share/doc/*", "/usr/share/info/*", "/usr/share/locale/*", "/usr/share/man/*")
BUILDING = ".building-"

_PASSED_ON = ("http_proxy", "https_proxy", "no_proxy", "TMPDIR")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes into an image."""

    suite: str
    packages: tuple[str, ...] = PACKAGES

    @property
    def digest(self) -> str:
        """The image's name."""
        words = [str(FORMAT), self.suite, *sorted(self.packages), *LEFT_OUT]
        return sha256("\0".join(words).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Image:
    """A built image. `made_ms` is UTC; `size_bytes` what it takes on the disk."""

    digest: str
    root: Path
    suite: str
    packages: tuple[str, ...]
    made_ms: int
    size_bytes: int


def recipe_for(os_release: str, packages: Sequence[str] = ()) -> Recipe:
    """The recipe for a host with this /etc/os-release: its own release where it has a name, else Debian's stable. Pure.

    `packages` are an agent's own, beside those that all have: the same set is the same image, in whatever order.
    The same release as the host, so that programs of the host that are shown inside find the libraries they know.
    """
    match = re.search(r'^VERSION_CODENAME="?([a-z0-9.-]+)"?\s*$', os_release, re.MULTILINE)
    return Recipe(match[1] if match else "stable", tuple(sorted({*PACKAGES, *packages})))


def serves(sources: str, suite: str) -> bool:
    """Whether this apt source, in either format, offers the main part of `suite`. Pure."""
    for line in sources.splitlines():
        words = line.split("#")[0].split()
        if words[:1] == ["deb"] and suite in words and "main" in words[words.index(suite) :]:
            return True
    for stanza in re.split(r"\n\s*\n", sources):
        fields = dict(re.findall(r"^([A-Za-z-]+):[ \t]*(.*(?:\n[ \t]+.*)*)$", stanza, re.MULTILINE))
        offered = suite in fields.get("Suites", "").split() and "main" in fields.get("Components", "").split()
        if offered and "deb" in fields.get("Types", "").split() and fields.get("Enabled", "yes").strip() != "no":
            return True
    return False


def command(recipe: Recipe, target: Path, sources: Sequence[Path]) -> list[str]:
    """The mmdebstrap that builds the image. Pure."""
    return [
        "mmdebstrap", "--mode=root", "--variant=minbase", "--format=directory",
        f"--include={','.join(recipe.packages)}",
        '--aptopt=Acquire::Languages "none"',
        *(f"--dpkgopt=path-exclude={place}" for place in LEFT_OUT),
        recipe.suite, str(target), *map(str, sources),
    ]  # fmt: skip


class Images:
    """The images of one hive."""

    def __init__(self, state_dir: Path, recipe: Recipe | None = None, *, packages: Sequence[str] = ()) -> None:
        self._folder = state_dir / "images"
        self.recipe = recipe or recipe_for(_text(Path("/etc/os-release")), packages)

    def current(self) -> Image | None:
        """The image that agents start from now; None until it is built."""
        return _image(self._folder / self.recipe.digest)

    def needed(self) -> Image:
        """The same, or `unavailable` with the way to it."""
        image = self.current()
        if image is None:
            raise unavailable("the root image for nspawn agents is not built", "`hive image build`, once")
        return image

    def all(self) -> list[Image]:
        """Every image there is, the newest first."""
        found = [_image(folder) for folder in self._folder.glob("[!.]*")]
        return sorted((image for image in found if image), key=lambda image: image.made_ms, reverse=True)

    def build(self, say: Say, *, env: Mapping[str, str] = os.environ) -> Image:
        """The current image, built now if it is not there. Blocks; `say` gets a line for each step.

        Only one at a time builds; who comes second waits and finds it done. HiveError when it could not be built,
        with nothing left behind.
        """
        if os.geteuid() != 0:
            raise unavailable("building the root image takes root", "sudo hive image build")
        if shutil.which("mmdebstrap") is None:
            raise unavailable("mmdebstrap is not installed", "apt install mmdebstrap systemd-container")
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(self._folder / ".lock") as lock:
            if image := self.current():
                return image
            for left in self._folder.glob(f"{BUILDING}*"):
                shutil.rmtree(left)
            return self._build(lock, say, env)

    def _build(self, lock: int, say: Say, env: Mapping[str, str]) -> Image:
        begun = time.monotonic()
        aside = self._folder / f"{BUILDING}{self.recipe.digest}"
        aside.mkdir(mode=0o755)
        try:
            self._bootstrap(aside / "root", lock, say, env)
            size = int(_output(["du", "-sB1", str(aside / "root")]).split()[0])
            about = {"suite": self.recipe.suite, "packages": self.recipe.packages, "size_bytes": size}
            (aside / "image.json").write_text(json.dumps(about | {"made_ms": time.time_ns() // 1_000_000}))
            os.sync()  # a power cut must not leave half an image under a name that promises a whole one
            aside.rename(self._folder / self.recipe.digest)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
        say(f"built {self.recipe.digest}: {size / 1e6:.0f} MB in {time.monotonic() - begun:.0f} s")
        return self.needed()

    def _bootstrap(self, target: Path, lock: int, say: Say, env: Mapping[str, str]) -> None:
        sources = apt_sources(self.recipe.suite)
        say(f"building {self.recipe.digest}: {self.recipe.suite} with {', '.join(self.recipe.packages)}")
        scrubbed = {"PATH": _PATH, "LC_ALL": "C.UTF-8"} | {name: env[name] for name in _PASSED_ON if name in env}
        said: list[str] = []
        # The lock goes along: should we be killed, the next builder waits until mmdebstrap has ended too.
        with subprocess.Popen(
            command(self.recipe, target, sources),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=scrubbed,
            pass_fds=(lock,),
        ) as building:
            assert building.stderr is not None
            for line in building.stderr:
                said.append(line.strip())
                say(line.strip().removeprefix("I: "))
        if building.returncode != 0:
            # The first: what follows it only says where that ended.
            why = next((line for line in said if line.startswith("E:")), said[-1] if said else "no reason")
            raise unavailable(f"the root image could not be built: {why}", "does apt work, and know every package?")


def apt_sources(suite: str, etc: Path = Path("/etc/apt")) -> list[Path]:
    """The machine's own source files that offer `suite`; mmdebstrap knows a mirror for the case that there is none."""
    files = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*"))]
    return [path for path in files if path.suffix in {".list", ".sources"} and serves(_text(path), suite)]


def _image(folder: Path) -> Image | None:
    try:
        about = json.loads((folder / "image.json").read_bytes())
        packages = tuple(about["packages"])
        return Image(folder.name, folder / "root", about["suite"], packages, about["made_ms"], about["size_bytes"])
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise conflict(f"the image {folder} cannot be read: {error}", "remove it and build it again") from None


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _output(argv: Sequence[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
