"""An agent's own packages: in its system and in nobody else's, built once and before it starts."""

import pytest

from actors.agent.runtime import image as module
from actors.agent.runtime.image import Images
from actors.agent.runtime.nspawn import NspawnRuntime
from actors.agent.workspace.paths import Workspace
from harness.wire.errors import HiveError
from tests.actors.agent.nspawn_parts import SMALL_PACKAGE, cached_image, clean_up, needs_nspawn, with_image
from tests.actors.agent.stand_ins import launch, printed, wait_end

pytestmark = needs_nspawn(pytest.mark.slow)

LOOK = "import shutil; print('found', shutil.which('hello', path='/usr/bin'))"


@pytest.fixture
def workspace(tmp_path):
    cached_image(SMALL_PACKAGE)
    return with_image(Workspace(tmp_path / "state", tmp_path / "run"))


@pytest.fixture
def runtime(workspace):
    runtime = NspawnRuntime()
    yield runtime
    clean_up(runtime, workspace)


def seen(runtime, workspace, name, *packages):
    order = launch(workspace, LOOK, name=name, packages=packages)
    runtime.build(order)
    runtime.create(order)
    wait_end(runtime, runtime.start(order))
    return printed(runtime, order.paths)[-1]


def test_a_package_is_in_the_system_of_who_asked_for_it_and_nothing_is_built_twice(runtime, workspace, monkeypatch):
    monkeypatch.setattr(module, "command", lambda *_: pytest.fail("both images are there already"))
    assert seen(runtime, workspace, "alice", SMALL_PACKAGE, "git") == "found /usr/bin/hello"
    assert seen(runtime, workspace, "bob") == "found None"
    assert seen(runtime, workspace, "alice") == "found None", "what is asked for no more is there no more"


def test_a_build_that_fails_says_which_package_and_leaves_nothing(runtime, tmp_path, monkeypatch):
    workspace = Workspace(tmp_path / "other", tmp_path / "run")
    trouble = 'echo "E: Unable to locate package nosuch" >&2; echo "E: mmdebstrap failed to run" >&2; exit 25'
    monkeypatch.setattr(module, "command", lambda *_: ["sh", "-c", trouble])
    with pytest.raises(HiveError, match="Unable to locate package nosuch"):
        runtime.build(launch(workspace, LOOK, packages=("nosuch",)))
    assert Images(workspace.state_dir).all() == []
