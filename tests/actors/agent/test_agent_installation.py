"""What a container is shown of the Python and the packages that hive runs on."""

import os
import subprocess
import sys
from pathlib import Path

from actors.agent.installation.packages import installed_packages
from actors.agent.installation.roots import default_path, harness_command, import_path, installation, program_roots
from harness.wire.interpreter import interpreter, module_argv


def package(site, name, *files, requires=()):
    """As pip leaves it; a file that ends in / is a folder with a module."""
    folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir(parents=True)
    lines = [f"{one}__init__.py" if one.endswith("/") else one for one in files]
    for one in (site / line for line in lines):
        one.parent.mkdir(parents=True, exist_ok=True)
        one.write_text("")
    wanted = "".join(f"Requires-Dist: {one}\n" for one in requires)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{wanted}")
    (folder / "RECORD").write_text("".join(f"{line},,\n" for line in (*lines, f"{folder.name}/METADATA")))


def names(*sites):
    return sorted(str(one.relative_to(sites[0].parent)) for one in installed_packages([str(one) for one in sites]))


def test_of_a_folder_of_packages_what_hive_needs_is_shown_and_no_package_of_another_program(tmp_path):
    site = tmp_path / "site"
    package(site, "hyperhive", "harness/", requires=["Needed-One>=2", "absent; sys_platform == 'win32'"])
    package(site, "needed.one", "needed/", "single.py", "../bin/tool", "needed.pth", requires=["deeper[fast]"])
    package(site, "deeper", "deeper/", requires=["quick; extra == 'fast'", "slow; extra == 'careful'", "hyperhive"])
    package(site, "quick", "quick/")
    package(site, "slow", "slow/")
    package(site, "another", "another/")
    assert names(site) == [
        "site/deeper", "site/deeper-1.0.dist-info", "site/needed", "site/needed.one-1.0.dist-info",
        "site/quick", "site/quick-1.0.dist-info", "site/single.py",
    ]  # fmt: skip


def test_a_package_that_is_there_twice_is_the_first_one_as_for_python(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for site in (first, second):
        package(site, "hyperhive", requires=["needed"])
        package(site, "needed", "needed/")
    assert names(first, second) == ["first/needed", "first/needed-1.0.dist-info"]


def test_a_package_without_records_is_shown_by_the_names_it_gives(tmp_path):
    package(tmp_path / "site", "hyperhive", requires=["system"])
    package(tmp_path / "site", "system", "system/")
    (tmp_path / "site/system-1.0.dist-info/RECORD").unlink()
    (tmp_path / "site/system-1.0.dist-info/top_level.txt").write_text("system\n")
    assert names(tmp_path / "site") == ["site/system", "site/system-1.0.dist-info"]


def test_no_prefix_is_shown_as_a_whole():
    prefixes = {Path(sys.prefix), Path(sys.base_prefix), Path(interpreter()).parent.parent, Path.home()}
    assert not prefixes & set(program_roots(None))
    for root in program_roots(None):
        assert not any(prefix.is_relative_to(root) for prefix in prefixes)


def test_what_hive_runs_from_is_nobodys_to_bind():
    kept = installation(None)
    for place in (*program_roots(None), Path(sys.modules["actors"].__path__[0])):
        system = place.is_relative_to("/usr")
        assert system or any(place.is_relative_to(one) for one in kept), place


def test_the_harness_is_told_its_folders_and_searches_no_others(tmp_path, monkeypatch):
    assert harness_command()[1:3] == ("-I", "-S")
    assert set(harness_command()[4].split(os.pathsep)) == set(import_path())
    assert not {"", str(Path.cwd().parent), str(Path(sys.prefix) / "bin")} & set(import_path())


def test_a_program_of_hive_takes_no_module_from_where_it_is_started(tmp_path):
    (tmp_path / "json.py").write_text("raise SystemExit('the wrong one')\n")
    (tmp_path / "sitecustomize.py").write_text("raise SystemExit('the wrong one')\n")
    env = {"PYTHONPATH": str(tmp_path), "PATH": os.defpath}
    done = subprocess.run(
        [*module_argv("json.tool"), "--help"],
        cwd=tmp_path, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, "json.tool" in done.stdout) == (0, True), done.stderr


def test_its_path_begins_with_its_python_and_holds_no_environment():
    first, *others = default_path().split(":")
    assert first == str(Path(interpreter()).parent) or first == "/usr/local/bin"
    assert str(Path(sys.prefix) / "bin") not in (first, *others)
