"""A hive of 100 agents with 25 needs, as the fake daemon shows it."""

from actors.agent.registry.why import with_why
from harness.wire import times
from harness.wire.live.last_tool import LastTool
from harness.wire.operator_rows import AgentRow, DeadLetter, Failing
from tests.web.answers.decisions import ONE_LINE, TWO_FILES

MINUTE = 60_000
APPROVALS, QUESTIONS = 12, 6


def crowd(fake):
    """Put the rows in, without any event."""
    ago = lambda ms: times.from_ms(fake.now_ms() - ms)  # noqa: E731
    fake.messages = []
    fake.decisions.clear()
    fake.agents = {"manager": AgentRow(name="manager", container="hm1nd", role="manager", running=True, state="idle")}
    for number in range(1, 100):
        name = f"agent{number:02d}"
        fake.agents[name] = AgentRow(
            name=name, container=name, running=True, state="thinking" if number % 7 == 0 else "idle",
            since=ago(number * 1_000), pending=0, leased=0,
        )  # fmt: skip
    tool = LastTool(name="Bash", call="npm test -- --watch", at=ago(6 * MINUTE))
    unwell = {
        "agent01": {"state": "stuck", "since": ago(6 * MINUTE), "note": "has mail but has neither asked for it nor shown life for 6 min", "leased": 1, "last_tool": tool},
        "agent02": {"state": "stuck", "since": ago(9 * MINUTE), "leased": 2, "last_tool": tool},
        "agent03": {"failing": Failing(attempts=3, reason="API Error: 529 overloaded_error: the model is overloaded", since=ago(4 * MINUTE)), "pending": 1},
        "agent04": {"state": "parked", "running": False, "failed": True, "since": ago(30 * MINUTE), "note": "parked: crashed with status 3"},
        "agent05": {"state": "failed", "running": False, "failed": True, "since": ago(MINUTE), "note": "crashed with status 3"},
        "agent06": {"needs_login": True, "state": "needs_login", "since": ago(3 * MINUTE)},
    }  # fmt: skip
    for name, changes in unwell.items():
        fake.agents[name] = with_why(fake.agents[name].model_copy(update=changes))
        fake.journals[name] = [f"{n:04d} hive-harness: asked for mail" for n in range(60)] + ["I cannot work"]
    for number in range(1, APPROVALS + 1):
        fake.decisions.propose(f"agent{10 + number}", f"proposal {number}: another tool", diff=TWO_FILES if number % 2 else ONE_LINE)  # fmt: skip
    for number in range(1, QUESTIONS + 1):
        options = ["main", "dev"] if number % 2 else []
        fake.say(f"agent{30 + number}", "manager", "I have two branches and do not know which one is meant")
        fake.decisions.ask(f"agent{30 + number}", f"question {number}: which branch is the base?", options=options)
    fake.decisions.dead_letters[901] = DeadLetter.model_validate({
        "id": 901, "from": "manager", "to": "agent40", "body": "please count the lines", "kind": "message", "attempts": 6,
        "sent_at": ago(50 * MINUTE), "reason": "prompt is too long", "failing_since": ago(45 * MINUTE), "set_aside_at": ago(8 * MINUTE),
    })  # fmt: skip
    fake.events, fake.seq = [], 0
