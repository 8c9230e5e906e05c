"""What may be bound: a path without links, and nothing of the hive's own by whatever name."""

import os
import subprocess

import pytest

from actors.agent.context import AgentContext
from actors.agent.runtime.process import ProcessRuntime
from actors.agent.workspace.bind_source import check_source, open_source
from actors.agent.workspace.paths import Workspace
from harness.wire.errors import ErrorCode, HiveError
from tests.needs import needs_root


def refusal(source, *kept):
    with pytest.raises(HiveError) as refused:
        check_source(str(source), kept)
    return refused.value


def test_a_handle_is_of_what_lies_at_the_path(tmp_path):
    (tmp_path / "file").touch()
    handle = open_source(str(tmp_path / "file"), [tmp_path / "other"])
    try:
        assert os.path.samestat(os.fstat(handle), (tmp_path / "file").stat())
    finally:
        os.close(handle)


@pytest.mark.parametrize("bind", ["link", "link/inner", "folder/link"])
def test_a_path_through_a_link_is_refused_and_the_link_is_named(tmp_path, bind):
    (tmp_path / "folder/inner").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    (tmp_path / "folder/link").symlink_to("inner")
    refused = refusal(tmp_path / bind)
    assert refused.code is ErrorCode.CONFLICT
    assert f"goes through the link {tmp_path / bind.removesuffix('/inner')}" in refused.message


@pytest.mark.parametrize("bind", ["relative", "/a/../b", "/no/such/folder"])
def test_a_path_that_leads_nowhere_is_refused(bind):
    assert refusal(bind).code is ErrorCode.CONFLICT


@pytest.mark.parametrize("bind", ["", "state", "state/db", "state/db/file"])
def test_the_hives_own_around_it_and_inside_it_is_refused(tmp_path, bind):
    (tmp_path / "state/db").mkdir(parents=True)
    (tmp_path / "state/db/file").touch()
    assert refusal(tmp_path / bind, tmp_path / "state/db").code is ErrorCode.FORBIDDEN


def test_a_neighbour_of_the_hives_own_is_none_of_it(tmp_path):
    (tmp_path / "state/db").mkdir(parents=True)
    (tmp_path / "state/other").mkdir()
    check_source(str(tmp_path / "state/other"), [tmp_path / "state/db", tmp_path / "missing"])


@needs_root
def test_another_mount_of_the_hives_own_is_recognised(tmp_path):
    (tmp_path / "state/db").mkdir(parents=True)
    (tmp_path / "alias").mkdir()
    look = (
        "import sys; from actors.agent.workspace.bind_source import check_source; from pathlib import Path\n"
        "check_source(sys.argv[1], [Path(sys.argv[2])])"
    )
    mounted = 'mount --bind "$0" "$1" && shift && exec "$@"'
    for source in ("alias", "alias/db"):
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", mounted, tmp_path / "state", tmp_path / "alias",
             os.environ.get("PYTHON", os.sys.executable), "-c", look, tmp_path / source, tmp_path / "state/db"],
            capture_output=True, text=True,
        )  # fmt: skip
        assert "files of the hive itself" in done.stderr


def test_the_key_the_state_and_the_installation_are_kept(tmp_path):
    context = AgentContext(
        workspace=Workspace(tmp_path / "state", tmp_path / "run"), runtime=ProcessRuntime(), harness_argv=(),
        claude_api_key_file=tmp_path / "key", claude_cli=tmp_path / "claude",
    )  # fmt: skip
    assert {tmp_path / name for name in ("state", "run", "key", "claude")} < set(context.kept)
    assert any(place.name == "harness" for place in context.kept)
    assert os.sys.prefix == os.sys.base_prefix or any(str(place) == os.sys.prefix for place in context.kept)
