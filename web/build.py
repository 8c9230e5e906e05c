"""Fetches the browser libraries that package.json pins and copies their dist files to `static/vendor/`.

Run as `python web/build.py`; it needs only the standard library. Without npm, or without its packages, it says so and
exits with 0: the pages can be read without any library. npm writes to a temporary folder. With `--check` it builds
nothing: it looks whether every file is there, says which are not, and exits with 1 for them. With `--development` it
fetches what only tests use, to a folder that is neither served nor packed.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "uPlot.iife.min.js": "uplot/dist/uPlot.iife.min.js",
    "uPlot.min.css": "uplot/dist/uPlot.min.css",
    "xterm.mjs": "@xterm/xterm/lib/xterm.mjs",
    "xterm.css": "@xterm/xterm/css/xterm.css",
    "xterm-fit.mjs": "@xterm/addon-fit/lib/addon-fit.mjs",
}
"""Name in `static/vendor` → path below npm's `node_modules`."""
DEVELOPMENT = HERE / "development"
DEVELOPMENT_FILES = {"axe.min.js": "axe-core/axe.min.js"}
NPM_SECONDS = 300


def main(arguments: list[str]) -> int:
    """Build, or say why not; only a package that lacks one of FILES is an error."""
    if arguments == ["--check"]:
        return _check()
    development = arguments == ["--development"]
    files, target = (DEVELOPMENT_FILES, DEVELOPMENT) if development else (FILES, VENDOR)
    npm = shutil.which("npm")
    if npm is None:
        return _without("npm is not installed", "apt-get install npm, then this again", target)
    with tempfile.TemporaryDirectory(prefix="hive-web-") as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"]
        if not development:
            command.append("--omit=dev")
        try:
            subprocess.run(command, cwd=folder, check=True, timeout=NPM_SECONDS, stdout=subprocess.DEVNULL)
        except subprocess.SubprocessError as error:
            return _without(f"npm could not fetch them ({error})", "this again", target)
        _copy(Path(folder) / "node_modules", files, target)
    sys.stdout.write(f"web: {len(files)} library file(s) in {target}\n")
    return 0


def missing(folder: Path = VENDOR) -> list[str]:
    """The files that are not there, or empty."""
    return [name for name in FILES if not (folder / name).is_file() or (folder / name).stat().st_size == 0]


def _check() -> int:
    if lacking := missing():
        sys.stderr.write(f"not there in {VENDOR}: {', '.join(lacking)}\n")
        return 1
    sys.stdout.write(f"the page's libraries are there: {', '.join(FILES)}\n")
    return 0


def _copy(modules: Path, files: dict[str, str], target: Path) -> None:
    fresh = target.with_name(f"{target.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, source in files.items():
        shutil.copyfile(modules / source, fresh / name)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


def _without(reason: str, remedy: str, target: Path) -> int:
    """Report that the libraries for `target` are not there."""
    target.mkdir(parents=True, exist_ok=True)
    left = "The pages work for reading only" if target == VENDOR else "Tests that need them say so"
    sys.stderr.write(f"web: no browser libraries: {reason}. {left}.\nTry: {remedy}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
