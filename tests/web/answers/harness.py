"""What the harness of an agent does with the operator's orders, as the fake daemon plays it."""

from harness.wire import times
from harness.wire.operator_rows import LoginRow

WELL = {"state": "idle", "note": None, "why": [], "failing": None, "leased": 0}


def obey(fake, name, action, value):
    """Carry out `agent_control`, with the agent's event."""
    at = times.from_ms(fake.now_ms())
    match action:
        case "model":
            fake.set_agent(name, active_model=value)
        case "cancel" | "new_session" if fake.agents[name].state == "stuck" or fake.agents[name].failing:
            fake.set_agent(name, **WELL, since=at)
        case "login_start":
            url = "https://account.example/authorize?code=1"
            fake.set_agent(name, login=LoginRow(state="waiting_for_code", begun_at=at, since=at, url=url))
        case "login_code":
            fake.set_agent(name, needs_login=False, state="idle", login=LoginRow(state="done", begun_at=at, since=at))
