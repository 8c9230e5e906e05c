"""Supervision for gevent actors: OTP's supervisor on pykka, usable on its own.

Imports pykka, gevent and the standard library, nothing else of hive. `actor/` is one actor, `supervisor/`
what a child is (`spec.py`), what is decided (`strategy.py`) and how it is carried out (`supervisor.py`),
`processes/` OS processes as children; docs/supervision.md is the guide.
"""

from actors.supervision.actor.actor import Actor, living
from actors.supervision.actor.mailbox import Mailbox
from actors.supervision.actor.messages import Down, Stop, SystemMessage
from actors.supervision.actor.phase import Phase
from actors.supervision.actor.vitals import Vitals
from actors.supervision.clock import SYSTEM_CLOCK, Clock, SystemClock, Timer
from actors.supervision.directory import Directory
from actors.supervision.errors import (
    ActorCrashed,
    AskTimeout,
    ChildRefused,
    InvalidSpec,
    NoAnswer,
    NotRunning,
    Refusal,
    StartFailed,
    SupervisionError,
)
from actors.supervision.exits import Exit, ExitKind
from actors.supervision.fake_clock import FakeClock, settle
from actors.supervision.origin import ORIGIN, Origin, acting_for, is_of_the_machine
from actors.supervision.processes.process_actor import ProcessActor
from actors.supervision.promise import Promise, resolved
from actors.supervision.supervisor.backoff import Backoff
from actors.supervision.supervisor.calls import (
    add_children,
    count_children,
    delete_child,
    launch_child,
    leader_ready,
    restart_all,
    restart_child,
    start_child,
    terminate_child,
    which_children,
)
from actors.supervision.supervisor.notices import RestartPlanned, StayedDown
from actors.supervision.supervisor.requests import ChildCount, ChildRow, RestartAll
from actors.supervision.supervisor.spec import (
    AutoShutdown,
    ChildSpec,
    ChildType,
    Leader,
    Restart,
    Shutdown,
    Strategy,
    SupervisorFlags,
)
from actors.supervision.supervisor.strategy import ChildState
from actors.supervision.supervisor.supervisor import Supervisor
from actors.supervision.tree import tree

__all__ = [
    "ORIGIN",
    "SYSTEM_CLOCK",
    "Actor",
    "ActorCrashed",
    "AskTimeout",
    "AutoShutdown",
    "Backoff",
    "ChildCount",
    "ChildRefused",
    "ChildRow",
    "ChildSpec",
    "ChildState",
    "ChildType",
    "Clock",
    "Directory",
    "Down",
    "Exit",
    "ExitKind",
    "FakeClock",
    "InvalidSpec",
    "Leader",
    "Mailbox",
    "NoAnswer",
    "NotRunning",
    "Origin",
    "Phase",
    "ProcessActor",
    "Promise",
    "Refusal",
    "Restart",
    "RestartAll",
    "RestartPlanned",
    "Shutdown",
    "StartFailed",
    "StayedDown",
    "Stop",
    "Strategy",
    "SupervisionError",
    "Supervisor",
    "SupervisorFlags",
    "SystemClock",
    "SystemMessage",
    "Timer",
    "Vitals",
    "acting_for",
    "add_children",
    "count_children",
    "delete_child",
    "is_of_the_machine",
    "launch_child",
    "leader_ready",
    "living",
    "resolved",
    "restart_all",
    "restart_child",
    "settle",
    "start_child",
    "terminate_child",
    "tree",
    "which_children",
]
