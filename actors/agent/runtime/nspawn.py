"""The runtime `nspawn`: systemd-nspawn with a user namespace and a Debian of its own. Needs root.

Inside, the agent is an ordinary user without capabilities, and stays one; outside, it is nobody. Root of the
container is another user, and nothing of the agent: a root could take the harness over that decides what Claude may
do. From the shim down: `layer.py`, which becomes systemd-nspawn, an init that dies with it, the program. The network
is its own with a loopback only, or, when its configuration says so, the host's.
"""

import json
import logging
import os
import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from actors.agent.runtime import Container, Launch, View, inside, packages, rootfs
from actors.agent.runtime.belongings import Belongings
from actors.agent.runtime.detached import DetachedRuntime
from actors.agent.runtime.image import Image, Images
from actors.agent.runtime.userns import RANGE
from actors.agent.workspace.paths import AgentPaths, Workspace
from actors.in_thread import in_thread
from harness.wire.agent_config import Limits
from harness.wire.errors import conflict, unavailable
from harness.wire.network import Network

log = logging.getLogger(__name__)

PROGRAMS = ("systemd-nspawn", "nsenter")
HOST_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

UID = 1000
"""Whom the agent is inside."""

INIT = "usr/bin/tini-static"
"""In the image: reaps, passes signals on, and has the kernel kill it, and so everything inside, when nspawn dies."""

INIT_INSIDE = "/run/hive-init"
ENVIRONMENT_INSIDE = "/run/hive/environment"
ACCOUNTS = ("passwd", "group", "gitconfig")
"""Files of /etc that are made for the agent."""

# The variables come in a file: on a command line they were everybody's to read, and in nspawn's own environment they
# would be obeyed by a program that is root on the host. What nspawn adds for the program, `env -i` takes away.
SCRUB = 'exec /usr/bin/env -i "HIVE_CONTAINER_ID=$HIVE_CONTAINER_ID" "$@"'
AS_AGENT = (
    f"setpriv --reuid={UID} --regid={UID} --clear-groups --inh-caps=-all --ambient-caps=-all --bounding-set=-all "
    "--no-new-privs --"
)
ENTER = f'. {ENVIRONMENT_INSIDE}; exec {AS_AGENT} "$@"'
SCRUB_FOR_OPERATOR = 'exec /usr/bin/env -i "TERM=${TERM:-dumb}" "$@"'
ENTER_FOR_OPERATOR = f'term=$TERM; . {ENVIRONMENT_INSIDE}; export TERM="$term"; exec {AS_AGENT} "$@"'


BARE = ("/usr/bin/env", "-i", *AS_AGENT.split())
"""Before a server beside the container, which is told its environment over its standard input."""
HOME_BYTES = 256 * 1024**2
"""Of the home of such a server."""


class NspawnRuntime(DetachedRuntime):
    """Paths inside: /agents/<n>/{state,harness,config,claude,home}, /shared, /run/hive."""

    name = "nspawn"
    isolation = (
        "a system of its own in user, mount, pid, ipc and uts namespaces, in which it is an ordinary user; of the "
        "host's files only its own folders are there; its network is its own unless it is configured to be the host's"
    )
    isolates_network = True
    announces_line = True
    depth = 2  # systemd-nspawn → the init → the program

    def view(self, workspace: Workspace, paths: AgentPaths) -> View:
        del workspace
        return inside.view(paths)

    def owner(self, paths: AgentPaths) -> int:
        """The host uid of the agent: who owns its files, and who is at the other end of its socket."""
        return _belongings(paths).owner

    def hand_over(self, paths: AgentPaths) -> None:
        in_thread(_belongings(paths).give)

    def check(self, launch: Launch) -> None:
        inside.check_binds(launch)
        for name in launch.env:
            if not (name.isidentifier() and name.isascii()):
                raise conflict(f"{launch.paths.name} wants a variable {name!r}, which no shell can set")
        packages.check_debian(launch.packages)
        _check_interpreter(launch, Images(_state_dir(launch.paths)).needed())

    def build(self, launch: Launch) -> None:
        """The root image with the agent's own packages: the same set is built once, for whoever wants it."""
        in_thread(_image, launch)

    def start(self, launch: Launch) -> Container:
        # Looked for first: a running one stands on what is about to be made ready.
        running = self.find(launch.paths)
        return running or super().start(in_thread(_ready, launch))

    def destroy(self, paths: AgentPaths) -> None:
        super().destroy(paths)
        in_thread(_destroy, paths)

    def groups(self, launch: Launch) -> tuple[list[Path], Limits]:
        # Without limits too: nspawn makes groups of its own below whatever group it is in.
        return self.fresh_groups(launch)

    def command(self, launch: Launch, handles: Sequence[int]) -> list[str]:
        del handles
        paths = launch.paths
        image = _images(launch).needed()
        belongings = _belongings(paths)
        base = belongings.base
        mapped = list(_mapped(launch))
        layer = paths.root / "layer"
        if launch.beside and rootfs.is_copy(layer, image):
            raise unavailable(
                f"{paths.name} cannot have MCP servers with secrets: this file system makes no overlay for them",
                "use the runtime bwrap",
            )
        orders = {
            # Beside the container a fresh root, which keeps nothing.
            **(rootfs.fresh_orders(image, base) if launch.beside else rootfs.orders(layer, image, base)),
            "owner": belongings.owner,
            "binds": [(str(one.source), place, True, one.approved) for one, place, _ in mapped],
            "argv": _nspawn(launch, image, base, [option for _, _, option in mapped]),
        }
        return [sys.executable, "-I", "-S", str(rootfs.LAYER), json.dumps(orders)]

    def directory(self, launch: Launch) -> Path:
        return launch.paths.run

    def exec_argv(self, container: Container, argv: Sequence[str]) -> list[str]:
        target = inside.init_of(container)
        spaces = ("--user", "--mount", "--pid", "--ipc", "--uts", "--cgroup", *inside.network_space(target))
        enter = ["/bin/sh", "-c", ENTER_FOR_OPERATOR, "sh", *argv]
        return [
            "nsenter",
            "--target",
            str(target),
            *spaces,
            "--wd",
            "--",
            "/bin/sh",
            "-c",
            SCRUB_FOR_OPERATOR,
            "sh",
            *enter,
        ]


def trouble() -> str | None:
    """None when this machine can run nspawn containers, else why not."""
    if os.geteuid() != 0:
        return "nspawn needs root"
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    return f"not installed: {', '.join(missing)}" if missing else None


def _nspawn(launch: Launch, image: Image, base: int, mapped: list[str]) -> list[str]:
    paths = launch.paths
    layer = paths.root / "layer"
    home = f"/agents/{paths.name}/home"
    owners = "chown" if rootfs.is_copy(layer, image) else "off"  # an overlay shows them as they have to be
    return [
        "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--console=pipe", "--link-journal=no",
        *_network(launch.network), f"--machine={paths.name}", f"--directory={rootfs.root_of(layer, image)}",
        f"--private-users={base}:{RANGE}", f"--private-users-ownership={owners}",
        "--setenv=HIVE_CONTAINER_ID", f"--chdir={home if launch.beside else f'/agents/{paths.name}/state'}",
        *(f"--tmpfs={place}:mode=1777,size={inside.TMP_BYTES},nosuid,nodev" for place in inside.TMP),
        _bind(image.root / INIT, INIT_INSIDE),
        *(_bind(paths.socket_dir / name, f"/etc/{name}") for name in ACCOUNTS),
        *(_bind(one.source, one.target, writable=one.writable) for one in _folders(launch)),
        *((f"--tmpfs={home}:mode=1777,size={HOME_BYTES}",) if launch.beside else ()),
        # The environment that hive is installed in may lie in there, and the image's is closed to all but root.
        "--tmpfs=/root:mode=0755,size=1m",
        *mapped,
        "--", INIT_INSIDE, "-p", "SIGKILL", "--",
        *((*BARE, *launch.argv) if launch.beside else
          ("/bin/sh", "-c", SCRUB, "sh", "/bin/sh", "-c", ENTER, paths.name, *launch.argv)),
    ]  # fmt: skip


def _network(network: Network) -> tuple[str, ...]:
    """An own network has no name server: a program that asks for one learns it at once."""
    if not network.isolated:
        return ("--resolv-conf=replace-host",)
    # Over the list of name servers that the image was built with.
    return ("--resolv-conf=off", "--private-network", _bind(Path(os.devnull), "/etc/resolv.conf"))


def _folders(launch: Launch) -> Iterator[inside.Shown]:
    """The hive's folders that have their owners already."""
    return (one for one in inside.folders(launch) if not _is_mapped(one, launch.paths))


def _mapped(launch: Launch) -> Iterator[tuple[inside.Shown, str, str]]:
    """What others own and the agent is shown as its own, where it waits for nspawn, and the option."""
    programs = (inside.Shown(path, str(path)) for path in launch.programs if not _of_the_image(path))
    applied = (one for one in inside.folders(launch) if _is_mapped(one, launch.paths))
    for number, one in enumerate((*programs, *applied, *inside.binds(launch))):
        place = f"{rootfs.MOUNTED}/binds/{number}"
        yield one, place, _bind(Path(place), one.target, writable=one.writable)


def _bind(source: Path, target: str, *, writable: bool = False) -> str:
    words = (str(word).replace("\\", "\\\\").replace(":", "\\:") for word in (source, target))
    return f"--bind{'' if writable else '-ro'}={':'.join(words)}"


def _is_mapped(one: inside.Shown, paths: AgentPaths) -> bool:
    """Of the hive's folders, what is the host's and stays so: the manager reads what is applied."""
    return one.source == paths.applied.parent


def _of_the_image(program: Path) -> bool:
    """The system's own Python: the image has one of the same release."""
    return program in {Path("/"), Path("/usr")}


def _check_interpreter(launch: Launch, image: Image) -> None:
    python = Path(sys.executable).resolve()
    bound = any(python.is_relative_to(program) for program in launch.programs if not _of_the_image(program))
    if not bound and not (image.root / python.relative_to("/")).exists():
        raise unavailable(f"the root image has no {python}", "install hive into an environment of another python")


def _environment(launch: Launch) -> str:
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in launch.env.items())


def _accounts(name: str) -> dict[str, str]:
    """What stands first in the files of users and groups: who the agent is inside."""
    return {
        "passwd": f"{name}:x:{UID}:{UID}:{name}:/agents/{name}/home:/bin/bash\n",
        "group": f"{name}:x:{UID}:\n",
    }


def _belongings(paths: AgentPaths) -> Belongings:
    return Belongings(paths, inside=UID)


def _gitconfig(name: str) -> str:
    """Commits carry the agent's name, whoever makes them inside. The repos it sees may belong to others on purpose."""
    return f"[user]\n\tname = {name}\n\temail = {name}@hive.invalid\n[safe]\n\tdirectory = *\n"


def _ready(launch: Launch) -> Launch:
    """Runs in a native thread. Owners, layer and the files the program starts from; what is left for the host to know.

    The program's variables are no longer among that: see SCRUB.
    """
    paths = launch.paths
    belongings = _belongings(paths)
    image = _image(launch)
    belongings.give()
    belongings.write("environment", _environment(launch))
    belongings.write("gitconfig", _gitconfig(paths.name), mode=0o444)
    for name, line in _accounts(paths.name).items():
        belongings.write(name, line + (image.root / "etc" / name).read_text(), mode=0o444)
    rootfs.prepare(paths.root / "layer", image, belongings.base)
    return replace(launch, env={"PATH": HOST_PATH})


def _destroy(paths: AgentPaths) -> None:
    shutil.rmtree(paths.root / "layer", ignore_errors=True)
    _belongings(paths).forget("environment", *ACCOUNTS)


def _image(launch: Launch) -> Image:
    """The image of this launch. In a native thread.

    One with packages of its own is built where it is missing: an approval comes first, but the host may have moved to
    another release since. The plain one is the operator's to build.
    """
    images = _images(launch)
    return images.build(log.info) if launch.packages and images.current() is None else images.needed()


def _images(launch: Launch) -> Images:
    return Images(_state_dir(launch.paths), packages=launch.packages)


def _state_dir(paths: AgentPaths) -> Path:
    return paths.root.parent.parent
