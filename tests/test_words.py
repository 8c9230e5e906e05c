"""The words of docs/glossary.md are used, and the private words of earlier versions stay out.

An engineer who knows OTP, Oban, Kubernetes, git and mail queues knows what is behind a name before opening the file.
"""

import ast
import re

import pytest

from tests.test_architecture import ROOT, parsed, sources, tracked

PRIVATE = frozenset({
    "house", "houses", "room", "rooms", "floor", "hands", "patience", "fatigue", "letter", "letters", "carrier",
    "carriers", "census", "ledger", "standing", "standings", "heard", "hearing", "upkeep", "tending", "tend", "swarm",
    "parting", "farewell", "desk", "ear", "ears", "deaf", "nap", "naps", "resting", "rests", "hopeless", "passing",
    "endings", "kicks", "mailroom", "telling", "judge", "errand", "errands", "spill", "memo", "door", "storm", "blow",
    "blows", "roster", "visit", "helpers", "coordinator",
})  # fmt: skip
"""Words that no identifier and no file name may contain."""

TEXTS = re.compile(r"\b(rooms?|house|mailroom|carrier|census|farewell|ledger|roster|can not)\b", re.IGNORECASE)
"""Words that no text of the CLI, of the wire and of a page may contain."""

NAMED_ELSEWHERE = frozenset({"actors/store/migrations/hive/0007_rests.py"})
"""A migration keeps its name."""


TERMS = re.compile(r"dead_?letters?", re.IGNORECASE)
"""Terms of the field that hold a private word: a dead letter is a message that was tried too often."""


def words(name):
    """`RateLimitOver`, `rate_limit_over` → rate, limit, over."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", TERMS.sub("", name))}


def identifiers(path):
    """Every name that a module defines or uses, without the sentences that name its tests."""
    for node in ast.walk(parsed(path)):
        names = (getattr(node, attribute, None) for attribute in ("name", "id", "attr", "arg"))
        yield from (name for name in names if isinstance(name, str) and not name.startswith("test_"))


def python_files():
    return [*sources(), *(path for path in tracked("tests/*.py") if path.name != "test_words.py")]


@pytest.mark.slow
def test_no_identifier_has_a_private_word():
    found = {f"{path}: {name}" for path in python_files() for name in identifiers(path) if words(name) & PRIVATE}
    assert sorted(found) == []


def test_no_file_name_has_a_private_word():
    files = tracked("actors/*", "harness/*", "web/*", "tests/*")
    found = [str(path) for path in files if any(words(part) & PRIVATE for part in path.parts)]
    assert sorted(set(found) - NAMED_ELSEWHERE) == []


@pytest.mark.parametrize("folder", ["actors/cli", "actors/gateway", "actors/agent/socket", "harness/wire"])
def test_no_text_of_the_cli_and_the_wire_has_a_private_word(folder):
    found = [
        f"{path}:{node.lineno}: {node.value}"
        for path in sources()
        if str(path).startswith(f"{folder}/")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and TEXTS.search(node.value)
    ]
    assert found == []


def test_no_page_and_no_prompt_has_a_private_word():
    pages = tracked("web/templates/*", "prompts/*", "docs/*.md", "README.md", "CONTRIBUTING.md")
    found = [
        f"{path}:{number}: {line.strip()}"
        for path in pages
        if path.suffix in {".html", ".md"} and path.parts[:2] != ("docs", "decisions")
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if TEXTS.search(line)
    ]
    assert found == []
