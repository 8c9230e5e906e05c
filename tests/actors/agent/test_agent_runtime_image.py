"""The root image: what goes into it, that it is whole or not there, and that it is built once."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from actors.agent.runtime import image as module
from actors.agent.runtime.image import BUILDING, Images, Recipe, apt_sources, command, recipe_for, serves
from actors.agent.runtime.packages import check_debian
from harness.wire.errors import HiveError
from tests.needs import needs, needs_root

RECIPE = Recipe("stable", ("git",))

LINES = "# a comment\ndeb [signed-by=/x.gpg] scheme://mirror/debian bookworm main contrib # trailing\n"
STANZAS = """\
Types: deb
URIs: scheme://mirror/debian
Suites: bookworm bookworm-updates
Components: main

Types: deb deb-src
URIs: scheme://mirror/security
Suites: bookworm-security
Components: contrib
 main
Signed-By: /usr/share/keyrings/x.gpg
"""


@pytest.mark.parametrize(
    ("os_release", "suite"),
    [
        ('ID=debian\nVERSION_CODENAME=bookworm\nVERSION="12"\n', "bookworm"),
        ('VERSION_CODENAME="noble"\n', "noble"),
        ("ID=arch\n", "stable"),
        ("", "stable"),
    ],
)
def test_the_suite_is_the_hosts_own(os_release, suite):
    assert recipe_for(os_release).suite == suite


def test_the_name_of_an_image_tells_what_went_into_it():
    assert Recipe("a", ("x", "y")).digest == Recipe("a", ("y", "x")).digest
    assert len({Recipe("a").digest, Recipe("b").digest, Recipe("a", ("x",)).digest}) == 3


def test_an_agents_own_packages_come_beside_the_usual_ones_and_in_any_order():
    plain, more = recipe_for("", ()), recipe_for("", ("zsh", "git", "hello"))
    assert set(more.packages) - set(plain.packages) == {"zsh", "hello"}
    assert more.digest == recipe_for("", ("hello", "zsh")).digest != plain.digest == Recipe("stable").digest


@pytest.mark.parametrize("name", ["hello", "g++", "libstdc++6", "0ad", "python3.11-venv"])
def test_debian_packages_have_debian_names(name):
    check_debian([name])


@pytest.mark.parametrize("name", ["a", "Hello", "hello-", "-hello", "hello_world", "hello\n", "hello world", "héllo"])
def test_what_apt_would_take_for_something_else_is_refused(name):
    with pytest.raises(HiveError, match="no Debian package"):
        check_debian([name])


@pytest.mark.parametrize(
    ("sources", "suite", "offered"),
    [
        (LINES, "bookworm", True),
        (LINES, "trixie", False),
        ("deb-src scheme://mirror bookworm main\n", "bookworm", False),
        ("#deb scheme://mirror bookworm main\n", "bookworm", False),
        ("deb scheme://vendor bookworm stable\n", "bookworm", False),
        (STANZAS, "bookworm", True),
        (STANZAS, "bookworm-security", True),
        (STANZAS.replace("Types: deb\n", "Types: deb-src\n"), "bookworm", False),
        (STANZAS.replace("Types: deb\n", "Types: deb\nEnabled: no\n"), "bookworm", False),
        ("", "bookworm", False),
    ],
)
def test_which_apt_sources_offer_a_suite(sources, suite, offered):
    assert serves(sources, suite) is offered


def test_the_machines_own_sources_are_taken_and_a_vendors_are_not(tmp_path):
    (tmp_path / "sources.list.d").mkdir()
    (tmp_path / "sources.list").write_text(LINES)
    (tmp_path / "sources.list.d/debian.sources").write_text(STANZAS)
    (tmp_path / "sources.list.d/vendor.list").write_text("deb scheme://vendor bookworm stable\n")
    (tmp_path / "sources.list.d/debian.sources.bak").write_text(STANZAS)
    assert [path.name for path in apt_sources("bookworm", tmp_path)] == ["sources.list", "debian.sources"]
    assert apt_sources("bookworm", tmp_path / "elsewhere") == []


def test_what_is_run_names_the_packages_and_the_sources(tmp_path):
    argv = command(RECIPE, tmp_path / "root", [tmp_path / "debian.sources"])
    assert "--include=git" in argv
    assert argv[-3:] == ["stable", str(tmp_path / "root"), str(tmp_path / "debian.sources")]


def test_without_an_image_the_way_to_one_is_told(tmp_path):
    images = Images(tmp_path, RECIPE)
    assert (images.current(), images.all()) == (None, [])
    with pytest.raises(HiveError) as refusal:
        images.needed()
    assert "hive image build" in refusal.value.hint


# ---- building, with a stand-in for the half minute of mmdebstrap -----------------------------------------


@pytest.fixture
def bootstrap(monkeypatch):
    """Let `script` run in place of mmdebstrap; $1 is the folder to fill."""

    def stand_in(script):
        monkeypatch.setattr(module, "command", lambda recipe, target, sources: ["sh", "-c", script, "sh", str(target)])

    return stand_in


GOOD = 'echo "I: unpacking" >&2; mkdir -p "$1/usr"; echo x > "$1/usr/file"'


@needs_root
@needs("mmdebstrap")
def test_a_build_tells_its_steps_and_leaves_the_image_and_nothing_else(tmp_path, bootstrap):
    bootstrap(GOOD)
    said = []
    built = Images(tmp_path, RECIPE).build(said.append)
    assert built == Images(tmp_path, RECIPE).current() == Images(tmp_path, RECIPE).all()[0]
    assert (built.root / "usr/file").read_text() == "x\n"
    assert (built.suite, built.packages, built.size_bytes > 0) == ("stable", ("git",), True)
    assert "unpacking" in said
    assert sorted(os.listdir(tmp_path / "images")) == sorted([".lock", RECIPE.digest])


@needs_root
@needs("mmdebstrap")
def test_a_build_that_fails_says_why_and_leaves_no_image(tmp_path, bootstrap):
    bootstrap('mkdir "$1"; echo "E: no such mirror" >&2; echo "I: cleaning up" >&2; exit 25')
    with pytest.raises(HiveError, match="no such mirror"):
        Images(tmp_path, RECIPE).build(lambda _: None)
    assert os.listdir(tmp_path / "images") == [".lock"]


@needs_root
@needs("mmdebstrap")
def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path, bootstrap):
    bootstrap(GOOD)
    left = tmp_path / "images" / f"{BUILDING}other"
    (left / "root").mkdir(parents=True)
    Images(tmp_path, RECIPE).build(lambda _: None)
    assert not left.exists()


@needs_root
@needs("mmdebstrap")
def test_of_two_who_build_at_once_one_does(tmp_path, bootstrap):
    bootstrap(f'echo run >> {tmp_path}/runs; while [ "$(wc -l < {tmp_path}/asked)" -lt 2 ]; do :; done; {GOOD}')

    def build(_):
        with (tmp_path / "asked").open("a") as asked:
            asked.write("x\n")
        return Images(tmp_path, RECIPE).build(lambda _: None)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.map(build, range(2))
    assert one == other
    assert (tmp_path / "runs").read_text() == "run\n"


@needs_root
@needs("mmdebstrap")
def test_the_surrounding_environment_stays_outside_but_for_the_way_to_the_mirror(tmp_path, bootstrap):
    bootstrap(f"env > {tmp_path}/env; {GOOD}")
    Images(tmp_path, RECIPE).build(lambda _: None, env={"SECRET": "x", "http_proxy": "scheme://proxy"})
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    assert "SECRET" not in names
    assert "http_proxy" in names


def test_a_user_is_told_that_building_takes_root(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(HiveError, match="takes root"):
        Images(tmp_path, RECIPE).build(print)
