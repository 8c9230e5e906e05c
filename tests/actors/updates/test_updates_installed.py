"""The revision of a hive: the same for the same files, another for another harness, none where there are no files."""

import shutil

import pytest

from actors.updates.installed import PARTS, ROOT, revision


@pytest.fixture
def copy(tmp_path):
    for part in PARTS:
        target = tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target)
        else:
            shutil.copy(ROOT / part, target)
    return tmp_path


def test_it_depends_on_the_files_and_on_nothing_else(copy):
    assert revision(copy) == revision(ROOT) == revision()
    (copy / "harness/__pycache__").mkdir(exist_ok=True)
    (copy / "harness/__pycache__/loop.pyc").write_bytes(b"compiled")
    assert revision(copy) == revision()


@pytest.mark.parametrize("part", ["harness/turns/loop.py", "actors/agent/runtime/bwrap.py"])
def test_what_a_container_is_made_of_makes_another_revision(copy, part):
    before = revision(copy)
    with (copy / part).open("a") as file:
        file.write("\n")
    assert revision(copy) != before


def test_a_file_that_is_renamed_makes_another_revision(copy):
    before = revision(copy)
    (copy / "harness/turns/loop.py").rename(copy / "harness/turns/loup.py")
    assert revision(copy) != before


def test_where_the_files_cannot_be_read_there_is_no_revision(copy):
    shutil.rmtree(copy / "prompts")
    assert revision(copy) is None
