"""Supervision for gevent actors: OTP's supervisor on pykka, usable on its own.

Imports pykka, gevent and the standard library, nothing of the hive. Start at `spec.py` for what a
child is, `strategy.py` for what is decided, `supervisor.py` for who does it; docs/supervision.md is
the guide.
"""

from actors.supervision.actor import Actor, living
from actors.supervision.api import (
    add_children,
    count_children,
    delete_child,
    leader_ready,
    restart_all,
    restart_child,
    start_child,
    terminate_child,
    which_children,
)
from actors.supervision.backoff import Backoff
from actors.supervision.clock import SYSTEM_CLOCK, Clock, SystemClock, Timer
from actors.supervision.directory import Directory
from actors.supervision.errors import (
    ActorCrashed,
    AskTimeout,
    ChildRefused,
    InvalidSpec,
    NotRunning,
    Refusal,
    StartFailed,
    SupervisionError,
)
from actors.supervision.exits import Exit, ExitKind
from actors.supervision.fake_clock import FakeClock, settle
from actors.supervision.life import Phase, Vitals
from actors.supervision.mailbox import Mailbox, SystemMessage
from actors.supervision.messages import Down, Stop
from actors.supervision.process import ProcessActor
from actors.supervision.promise import Promise, resolved
from actors.supervision.requests import ChildCount, ChildRow, RestartAll, RestartPlanned, StayedDown
from actors.supervision.spec import (
    AutoShutdown,
    ChildSpec,
    ChildType,
    Leader,
    Restart,
    Shutdown,
    Strategy,
    SupervisorFlags,
)
from actors.supervision.strategy import ChildState
from actors.supervision.supervisor import Supervisor
from actors.supervision.tree import tree

__all__ = [
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
    "NotRunning",
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
    "add_children",
    "count_children",
    "delete_child",
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
