"""`hive image`: what it shows, with a stand-in for the half minute of building."""

import json

import pytest

from actors.agent.runtime import image
from tests.needs import needs, needs_root


@pytest.fixture
def bootstrap(monkeypatch):
    argv = ["sh", "-c", 'echo "I: unpacking" >&2; mkdir "$1"', "sh"]
    monkeypatch.setattr(image, "command", lambda recipe, target, sources: [*argv, str(target)])


def test_without_an_image_it_says_how_to_get_one(hive):
    assert "hive image build" in hive("image", "show").stdout
    assert json.loads(hive("image", "show", "--json").stdout)["images"] == []


@needs_root
@needs("mmdebstrap")
def test_build_shows_its_steps_and_show_the_result(hive, bootstrap):
    built = hive("image", "build")
    assert built.exit_code == 0, built.stderr
    assert "unpacking" in built.stderr
    shown = json.loads(hive("image", "show", "--json").stdout)
    assert [(one["digest"], one["current"]) for one in shown["images"]] == [(shown["current"], True)]
    assert shown["current"] in built.stdout
    assert "current" in hive("image", "show").stdout


@needs_root
@needs("mmdebstrap")
def test_a_second_build_is_told_to_be_done_already(hive, bootstrap):
    first = json.loads(hive("image", "build", "--json").stdout)
    again = hive("image", "build", "--json")
    assert json.loads(again.stdout) == first
    assert again.stderr == ""
