"""The runtime `process`: the harness as a plain process tree of the daemon's user. For machines without a sandbox."""

from collections.abc import Sequence
from pathlib import Path

from actors.agent.runtime import Container, Launch, View, packages
from actors.agent.runtime.detached import DetachedRuntime
from actors.agent.workspace.bind_source import check_source
from actors.agent.workspace.paths import AgentPaths, Workspace
from harness.wire.errors import conflict


class ProcessRuntime(DetachedRuntime):
    """Paths inside are the host's."""

    name = "process"
    isolation = "none: the agent runs as this user, in this network, and can do everything that this user can"
    depth = 0
    no_new_privileges = True

    def view(self, workspace: Workspace, paths: AgentPaths) -> View:
        return View(
            state=paths.state,
            config=paths.config,
            claude=paths.claude,
            home=paths.home,
            shared=workspace.shared,
            socket=paths.socket,
            config_json=paths.config_json,
            agents=workspace.proposed,
            proxy_socket=paths.proxy_socket,
        )

    def check(self, launch: Launch) -> None:
        packages.check_none(launch, self.name)
        # By default it is proxied where that can be. Who asks for it must not be given less.
        if launch.network.isolated and launch.network.is_chosen:
            raise conflict(
                f"{launch.paths.name} wants its network limited, which `process` cannot do",
                "leave [network] out for the host's network, or use the runtime bwrap or nspawn",
            )
        for bind in launch.binds:
            check_source(bind.source, launch.kept)
            if bind.source != bind.target:
                raise conflict(
                    f"{launch.paths.name} wants {bind.source} shown as {bind.target}, which `process` cannot do",
                    "give both the same path, or use the bwrap runtime",
                )

    def command(self, launch: Launch, handles: Sequence[int]) -> list[str]:
        del handles
        return list(launch.argv)

    def directory(self, launch: Launch) -> Path:
        return launch.paths.state

    def exec_argv(self, container: Container, argv: Sequence[str]) -> list[str]:
        del container  # inside and outside are the same place
        return list(argv)
