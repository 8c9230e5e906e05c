"""For those who watch the watcher: `/healthz`, `/readyz`, `/metrics`."""

from collections import Counter

from harness.wire.errors import HiveError
from web import look
from web.services import Services
from web.visit import TEXT, Answer, Visit

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def health(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """`/healthz`: this process answers."""
    return Answer("ok\n", content_type=TEXT)


def ready(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """`/readyz`: the daemon is heard."""
    if services.feed.connected:
        return Answer("ready\n", content_type=TEXT)
    return Answer("the hive is away\n", 503, TEXT)


def metrics(services: Services, visit: Visit) -> Answer:  # noqa: ARG001
    """`/metrics`: Prometheus text. What can not be read is left out, and `hive_up` says so."""
    status = services.feed.status
    lines = [
        *_gauge("hive_up", "1 while the daemon is heard", {"": int(services.feed.connected)}),
        *_gauge("hive_events_seq", "sequence number of the last event", {"": status.seq}),
        *_gauge("hive_web_streams", "open live streams", {"": len(services.live)}),
    ]
    try:
        agents = services.reads.agents()
    except HiveError:
        return Answer("\n".join(lines) + "\n", content_type=PROMETHEUS)
    states = Counter(look.of(row).word for row in agents.value)
    lines += _gauge("hive_agents", "agents by state", {f'{{state="{_label(word)}"}}': n for word, n in states.items()})
    for name, help_, values in (
        ("hive_agent_pending", "messages waiting", {row.name: row.pending for row in agents.value}),
        ("hive_agent_leased", "messages taken by a turn", {row.name: row.leased for row in agents.value}),
        ("hive_agent_turns_today", "turns since midnight", {row.name: row.turns_today for row in agents.value}),
        ("hive_agent_cost_today_usd", "US dollars since midnight", {r.name: r.cost_today_usd for r in agents.value}),
        ("hive_agent_context_tokens", "tokens in the context", {row.name: row.context_tokens for row in agents.value}),
    ):
        known = {f'{{agent="{_label(agent)}"}}': value for agent, value in values.items() if value is not None}
        lines += _gauge(name, help_, known)
    return Answer("\n".join(lines) + "\n", content_type=PROMETHEUS)


def _gauge(name: str, help_: str, values: dict[str, int] | dict[str, float]) -> list[str]:
    return [f"# HELP {name} {help_}", f"# TYPE {name} gauge", *(f"{name}{label} {n}" for label, n in values.items())]


def _label(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
