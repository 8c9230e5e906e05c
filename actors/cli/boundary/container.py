"""One container of the chosen runtime, apart from every hive: it has folders of its own, which go with it."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gevent.event import Event

from actors.agent.container.logs import of_last_life
from actors.agent.runtime import Launch, Runtime
from actors.agent.runtime.image import Images
from actors.agent.workspace.paths import Workspace
from actors.agent.workspace.remove_tree import remove_tree
from actors.daemon_settings import DaemonSettings

LINES = 20


@contextlib.contextmanager
def own_workspace(config: DaemonSettings, runtime: Runtime) -> Iterator[Workspace]:
    """Folders for one container, which are removed with all that is in them."""
    place = Path(tempfile.mkdtemp(prefix="hive-doctor-"))
    workspace = Workspace(place / "state", place / "run")
    try:
        if runtime.name == "nspawn":
            Images(config.state_dir).needed()
            workspace.state_dir.mkdir()
            (workspace.state_dir / "images").symlink_to(config.state_dir / "images")
        yield workspace
    finally:
        (workspace.state_dir / "images").unlink(missing_ok=True)
        remove_tree(place)


@contextlib.contextmanager
def output_of(runtime: Runtime, launch: Launch, most_seconds: float) -> Iterator[list[str]]:
    """The last lines that the program printed, while its folders are still there. OSError when it does not end."""
    ended = Event()
    runtime.create(launch)
    container = runtime.start(launch)
    watch = runtime.watch(container, ended.set)
    try:
        if not ended.wait(most_seconds):
            raise OSError(f"the program in the container did not end within {most_seconds:g} s")
        yield of_last_life(runtime.logs(launch.paths, LINES))
    finally:
        watch.cancel()
        runtime.kill(container)
        runtime.destroy(launch.paths)
