"""The front door keeps its word: links lead somewhere, paths exist, commands and quoted texts are the program's own."""

import ast
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest

from actors.cli.main import main
from harness.rehearsal.script import load

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
HOW_TO = [ROOT / "README.md", ROOT / "docs/tutorial.md", ROOT / "docs/troubleshooting.md"]
HOW_TO += sorted((ROOT / "docs/howto").glob("*.md"))

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)\s]*)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^[ ]*```(\w*)\n(.*?)^[ ]*```", re.DOTALL | re.MULTILINE)
FIRST_LAYER, LAST_LAYER = "supervision", "cli"


def name(page):
    return str(page.relative_to(ROOT))


@cache
def text(page):
    return page.read_text(encoding="utf-8")


def prose(page):
    """A page without its code blocks."""
    return FENCE.sub("", text(page))


# ---- links and paths -------------------------------------------------------------------------------


def anchors(page):
    """What a heading is called in a link, as code hosts make it."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page):
    for target in LINK.findall(prose(page)):
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        lost = anchor and there.suffix == ".md" and there.exists() and anchor not in anchors(there)
        if lost or not there.exists():
            yield target


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_page_and_a_heading(page):
    assert list(dead_links(page)) == []


@cache
def top_level():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return {line.split("/")[0] for line in listed.stdout.splitlines() if "/" in line}


def repository_paths(markdown):
    """What stands in backquotes and begins with a folder of the repository; patterns and placeholders are left out."""
    for span in SPAN.findall(markdown):
        if re.fullmatch(r"[\w.][\w./-]*", span) and "/" in span and span.split("/")[0] in top_level():
            yield span


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_path_in_backquotes_exists(page):
    assert [path for path in repository_paths(prose(page)) if not (ROOT / path).exists()] == []


def test_architecture_tells_where_to_change_at_least_thirty_things():
    _, _, rows = text(ROOT / "docs/architecture.md").partition("## Where to change what")
    rows, _, _ = rows.partition("\n## ")
    found = [cells for line in rows.splitlines() if len(cells := line.strip("| ").split(" | ")) == 2]
    there = [cells for cells in found if any((ROOT / path).exists() for path in repository_paths(cells[1]))]
    assert len(there) >= 30


def test_the_layers_are_a_list_from_the_ground_up():
    _, _, rest = text(ROOT / "docs/architecture.md").partition("<!-- layers -->")
    block, found, _ = rest.partition("<!-- /layers -->")
    layers = [line for line in block.splitlines() if line and not line.startswith("```")]
    assert found
    assert (layers[0], layers[-1]) == (FIRST_LAYER, LAST_LAYER)
    assert len(set(layers)) == len(layers)
    gone = [one for one in layers if not any((ROOT / f"actors/{one}{end}").exists() for end in ("", ".py"))]
    assert gone == []


def test_the_index_names_every_page():
    index = text(ROOT / "docs/README.md")
    pages = [page for page in PAGES if page.parent in {ROOT / "docs", ROOT / "docs/howto"} and page.name != "README.md"]
    assert [name(page) for page in pages if f"({page.relative_to(ROOT / 'docs')})" not in index] == []


# ---- commands --------------------------------------------------------------------------------------


def command_lines(page):
    """Every line of a code block and every backquoted text that begins with `hive`, placeholders filled in."""
    blocks = "\n".join(body for kind, body in FENCE.findall(text(page)) if kind in {"", "console", "sh"})
    lines = [line.strip().removeprefix("$ ") for line in blocks.replace("\\\n", " ").splitlines()]
    found = [line for line in lines if line.startswith("hive ")]
    found += [span for span in SPAN.findall(prose(page)) if span.startswith("hive ")]
    for line in found:
        yield re.sub(r"\$\(.*\)", "NAME", line)


def words_of(line):
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a text that goes on in the next line
        words = shlex.split(line + '"', comments=True)
    stop = next((number for number, word in enumerate(words) if word in {"|", ">", "&&", ";", "&"}), len(words))
    return words[1:stop]


def fault(words):
    """Why the command line interface would not take these words; None when it would. Nothing is run."""
    command, context = main, click.Context(main, info_name="hive")
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(context, words[0])
        if inner is None:
            return f"no command {words[0]}"
        command, words = inner, words[1:]
        context = click.Context(command, info_name=command.name, parent=context)
    for word in words:
        if word.startswith("-") and word != "-":
            option = word.split("=")[0]
            if option not in {"-h", "--help", *(opt for param in command.params for opt in param.opts)}:
                return f"{command.name} has no {option}"
    return None


@pytest.mark.parametrize("page", HOW_TO, ids=name)
def test_every_command_of_a_how_to_is_one_that_hive_takes(page):
    lines = list(command_lines(page))
    assert [(line, why) for line in lines if (why := fault(words_of(line)))] == []


def test_the_check_of_commands_sees_what_is_wrong():
    assert fault(["spawm", "scout"]) == "no command spawm"
    assert fault(["deny", "2", "--reason", "no"]) == "deny has no --reason"
    assert fault(["deny", "2", "--note", "no"]) is None


# ---- quoted texts ----------------------------------------------------------------------------------


@cache
def said():
    """Every text in the sources, each hole of an f-string as a line break."""
    texts = []
    for path in (path for package in ("actors", "harness", "web") for path in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                texts.append("".join(part.value if isinstance(part, ast.Constant) else "\n" for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
    return "\n".join(texts)


def symptoms():
    for heading in re.findall(r"^### (.+)$", text(ROOT / "docs/troubleshooting.md"), re.MULTILINE):
        yield from SPAN.findall(heading)


@pytest.mark.slow
def test_every_quoted_symptom_is_a_text_of_the_program():
    quoted = [span for span in symptoms() if not re.fullmatch(r"[a-z_]+", span)]
    assert len(quoted) >= 20
    pieces = {piece.strip(" ") for span in quoted for piece in span.split("…")}
    assert sorted(piece for piece in pieces if len(piece) > 2 and piece not in said()) == []


# ---- the rest --------------------------------------------------------------------------------------


def test_the_tutorial_can_be_played_without_a_key():
    agents = {rule.agent for rule in load(ROOT / "docs/tutorial.toml")}
    assert {"manager", "scout", "scribe"} <= agents


@pytest.mark.parametrize("picture", ["dashboard.png", "approval.png"])
def test_the_pictures_are_small(picture):
    path = ROOT / "docs" / picture
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size < 250_000
    assert picture in text(ROOT / "README.md")
