"""Fetches the browser libraries that package.json pins and copies their dist files to `static/vendor/`.

Run as `python web/build.py`; it needs only the standard library. Without npm, or without its packages, it says so and
exits with 0: the pages can be read without any library. npm writes to a temporary folder. With `--check` it builds
nothing: it looks whether every file is there, says which are not, and exits with 1 for them.
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
NPM_SECONDS = 300


def main(arguments: list[str]) -> int:
    """Build, or say why not; only a package that lacks one of FILES is an error."""
    if arguments == ["--check"]:
        return _check()
    npm = shutil.which("npm")
    if npm is None:
        return _without("npm is not installed", "apt-get install npm, then python web/build.py")
    with tempfile.TemporaryDirectory(prefix="hive-web-") as folder:
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, folder)
        command = [npm, "ci", "--ignore-scripts", "--no-progress", "--loglevel=error"]
        try:
            subprocess.run(command, cwd=folder, check=True, timeout=NPM_SECONDS, stdout=subprocess.DEVNULL)
        except subprocess.SubprocessError as error:
            return _without(f"npm could not fetch them ({error})", "python web/build.py tries again")
        _copy(Path(folder) / "node_modules")
    sys.stdout.write(f"web: {len(FILES)} library file(s) in {VENDOR}\n")
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


def _copy(modules: Path) -> None:
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, source in FILES.items():
        shutil.copyfile(modules / source, fresh / name)
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


def _without(reason: str, remedy: str) -> int:
    """Report that the pages have no libraries."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    sys.stderr.write(f"web: no browser libraries: {reason}. The pages work for reading only.\nTry: {remedy}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
