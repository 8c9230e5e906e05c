"""`python -m tests.module_index` writes the list of modules, scripts and styles in docs/architecture.md.

Each stands there with the first sentence that it says of itself.
"""

import ast
import functools
import re
import subprocess
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/architecture.md"
BEGIN, END = "<!-- modules -->\n", "<!-- /modules -->"
KINDS = ("actors/*.py", "harness/*.py", "web/*.py", "web/static/*.js", "web/static/*.css")
LEFT_OUT = ("__init__.py", "__main__.py")


def index() -> str:
    """One folded list for each folder, the modules in the order of their names."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *KINDS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    kept = {Path(one) for one in listed if (ROOT / one).exists() and not is_left_out(one)}
    paths = sorted(kept, key=lambda path: (str(path.parent), path.name))
    return "\n".join(folder(str(place), list(found)) for place, found in groupby(paths, lambda path: path.parent))


def is_left_out(path: str) -> bool:
    """Whether the file only marks a package, or is a script of the migrations."""
    return path.endswith(LEFT_OUT) or "/migrations/" in path


def folder(name: str, paths: list[Path]) -> str:
    """The modules of one folder."""
    rows = "\n".join(f"- `{path.name}`: {sentence(path)}" for path in paths)
    return f"<details><summary><code>{name}/</code></summary>\n\n{rows}\n\n</details>\n"


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The tree of a file of the project, for whatever is checked on it."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def sentence(path: Path) -> str:
    """The first sentence of the module's docstring, or of the comment at the head of a script or style, on one line."""
    said = (ast.get_docstring(parsed(path)) or "") if path.suffix == ".py" else head_comment(path)
    paragraph = " ".join(said.split("\n\n")[0].split())
    return re.split(r"(?<=[.!?]) (?=[A-Z`])", paragraph)[0]


def head_comment(path: Path) -> str:
    """The text of the comment with which a script or a style begins; empty without one."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if found := re.match(r"/\*(.*?)\*/", text, re.DOTALL):
        return found[1]
    return re.sub(r"^// ?", "", re.match(r"(?://.*\n)*", text)[0], flags=re.MULTILINE)  # type: ignore[index]  # it always matches


def written(page: str) -> str:
    """The page with the present list."""
    before, rest = page.split(BEGIN)
    return f"{before}{BEGIN}{index()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
