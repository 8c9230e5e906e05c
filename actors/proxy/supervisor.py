"""The proxy's part of the tree.

    proxy                rest_for_one
    ├── sockets          permanent
    └── process          permanent

A new process is told of all sockets. When the actor of the sockets ends, the actor of the process does too, and
connects anew: the process itself runs on.
"""

from actors.proxy.control import ProxyProgram
from actors.proxy.messages import PROXY
from actors.proxy.process import ProxyProcess
from actors.proxy.sockets import ProxySocketsActor, Sockets
from actors.supervision import (
    Backoff,
    ChildSpec,
    ChildType,
    Clock,
    Directory,
    Shutdown,
    Strategy,
    Supervisor,
    SupervisorFlags,
)

FLAGS = SupervisorFlags(
    Strategy.REST_FOR_ONE, intensity=30, period=60.0, backoff=Backoff(first=0.1, factor=2.0, cap=10.0)
)


def proxy_spec(program: ProxyProgram, *, directory: Directory, clock: Clock) -> ChildSpec:
    """The component as a child of the root."""
    sockets = Sockets()
    children = [
        ChildSpec("sockets", lambda: ProxySocketsActor(sockets, clock=clock)),
        ChildSpec("process", lambda: ProxyProcess(program, sockets, directory=directory, clock=clock)),
    ]
    return ChildSpec(
        PROXY,
        lambda: Supervisor(FLAGS, children, directory=directory, clock=clock),
        shutdown=Shutdown.INFINITY,
        type=ChildType.SUPERVISOR,
    )
