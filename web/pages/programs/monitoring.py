"""`/healthz`, `/readyz`, `/metrics`: the hive for monitoring systems."""

from collections import Counter
from collections.abc import Callable, Mapping

from harness.wire.errors import HiveError
from harness.wire.operator_rows import AgentRow
from web.app import WebApp
from web.http.request import HttpRequest
from web.http.response import TEXT, HttpResponse
from web.presentation import agent_state

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def _failed_tries(row: AgentRow) -> float | None:
    return 0 if row.failing is None else row.failing.attempts


AGENT_GAUGES: tuple[tuple[str, str, Callable[[AgentRow], float | None]], ...] = (
    ("hive_agent_pending", "messages waiting", lambda row: row.pending),
    ("hive_agent_leased", "messages taken by a turn", lambda row: row.leased),
    ("hive_agent_failed_tries", "failed tries of the message that is tried now", _failed_tries),
    ("hive_agent_dead_letters", "messages set aside after too many failed tries", lambda row: row.dead_letters),
    ("hive_agent_turns_today", "turns since midnight", lambda row: row.turns_today),
    ("hive_agent_cost_today_usd", "US dollars since midnight", lambda row: row.cost_today_usd),
    ("hive_agent_context_tokens", "tokens in the context", lambda row: row.context_tokens),
)
"""Name, help text, value; an agent without the value is left out."""


def health(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """`/healthz`: this process answers."""
    return HttpResponse("ok\n", content_type=TEXT)


def ready(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """`/readyz`: the daemon is reachable."""
    if app.feed.connected:
        return HttpResponse("ready\n", content_type=TEXT)
    return HttpResponse("the daemon is unreachable\n", 503, TEXT)


def metrics(app: WebApp, request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """`/metrics`: Prometheus text. While the daemon is unreachable only `hive_up` and its neighbours are there."""
    lines = [
        *_gauge("hive_up", "1 while the daemon is reachable", {"": int(app.feed.connected)}),
        *_gauge("hive_events_seq", "sequence number of the last event", {"": app.feed.status.seq}),
        *_gauge("hive_web_streams", "open live streams", {"": len(app.streams)}),
    ]
    try:
        agents = app.rows.agents().value
    except HiveError:
        return HttpResponse("\n".join(lines) + "\n", content_type=PROMETHEUS)
    states = Counter(agent_state.style(row).word for row in agents)
    lines += _gauge("hive_agents", "agents by state", {_label("state", word): n for word, n in states.items()})
    for name, help_, value_of in AGENT_GAUGES:
        values = {_label("agent", row.name): value for row in agents if (value := value_of(row)) is not None}
        lines += _gauge(name, help_, values)
    lines += _waits(app)
    return HttpResponse("\n".join(lines) + "\n", content_type=PROMETHEUS)


def _waits(app: WebApp) -> list[str]:
    """What waits for the operator, and how long decisions were waited for; nothing where that cannot be read."""
    try:
        reply = app.rows.needs().value
    except HiveError:
        return []
    lines = _gauge("hive_needs", "items that need the operator", {"": len(reply.needs)})
    latency = reply.latency
    if latency is None or latency.median_ms is None or latency.p90_ms is None:
        return lines
    waits = {_label("quantile", "0.5"): latency.median_ms / 1000, _label("quantile", "0.9"): latency.p90_ms / 1000}
    help_ = f"seconds from need to decision, of the last {latency.days} days"
    return lines + _gauge("hive_operator_latency_seconds", help_, waits)


def _gauge(name: str, help_: str, values: Mapping[str, float]) -> list[str]:
    return [f"# HELP {name} {help_}", f"# TYPE {name} gauge", *(f"{name}{label} {n}" for label, n in values.items())]


def _label(name: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'{{{name}="{escaped}"}}'
