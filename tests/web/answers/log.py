"""The turn log of the fake daemon: events, the turns around them, and turns whose events are gone."""

from collections import Counter

from harness.wire import times
from harness.wire.live import facets
from harness.wire.operator_api.watching import LogReply, Totals
from harness.wire.operator_rows import TurnRow


def log_reply(fake, request):
    """A page as telemetry cuts it."""
    events = [row for row in fake.live if row["agent"] == request.agent]
    turns = [turn for turn in fake.turns if turn.agent == request.agent and turn.last_event]
    kept = events[0]["id"] if events else 2**63
    gone = [turn for turn in turns if turn.last_event < kept]
    if request.only:
        events = [row for row in events if request.only in facets.of_event(row["event"], known=True)]
    after = request.after
    if request.at is not None:
        after = max([row["id"] for row in events if row["at"] < request.at], default=-1)
    if after is not None:
        rest = [row for row in events if row["id"] > after]
        page = rest[: request.limit]
        earlier = [row for row in events if row["id"] <= after]
        older = after + 1 if earlier or gone else None
        newer = page[-1]["id"] if len(rest) > len(page) else None
        return LogReply(rows=page, turns=_around(turns, page), older=older, newer=newer)
    before = 2**63 if request.before is None else request.before
    rest = [row for row in events if row["id"] < before]
    page = rest[-request.limit :]
    if len(rest) > len(page):
        return LogReply(rows=page, turns=_around(turns, page), older=page[0]["id"])
    return LogReply(rows=page, turns=[one for one in gone if one.first_event < before] + _around(turns, page))


def _around(turns, page):
    return [turn for turn in turns if any(turn.first_event <= row["id"] <= turn.last_event for row in page)]


def totals(turns, request):
    """The sums of all turns, when they are asked for."""
    if not request.totals:
        return None
    tokens, tools = Counter(), Counter()
    for turn in turns:
        tokens.update(turn.stats.get("tokens") or {})
        tools.update(turn.stats.get("tools") or {})
    since = min((turn.stats["started_at"] for turn in turns), default=None)
    cost = sum(turn.stats.get("cost_usd") or 0 for turn in turns)
    return Totals(since=since, turns=len(turns), cost_usd=cost, tokens=dict(tokens), tools=dict(tools.most_common(5)))


def past_turns(fake, agent, count, events, *, every_ms=60_000, took_ms=20_000):
    """`count` finished turns with these events, `every_ms` apart, the last one a minute ago."""
    now = fake.now_ms()
    for number in range(count):
        began = now - (count - number) * every_ms
        first = len(fake.live) + 1
        for index, event in enumerate(events(number)):
            at = times.from_ms(began + index * took_ms // max(1, len(events(number)) - 1))
            fake.live.append({"agent": agent, "id": len(fake.live) + 1, "at": at, "event": event, "known": True})
        stats = {
            "started_at": times.from_ms(began), "ended_at": times.from_ms(began + took_ms), "duration_ms": took_ms,
            "outcome": "failed" if number % 7 == 6 else "ok", "cold": False, "wake_from": "manager", "cost_usd": 0.0123,
            "tokens": {"input": 900, "output": 2_200}, "tools": {"Bash": 1},
        }  # fmt: skip
        fake.turns.append(
            TurnRow(id=len(fake.turns) + 1, agent=agent, stats=stats, first_event=first, last_event=len(fake.live))
        )


def end_turn(fake, agent, first, **changes):
    """The figures of the turn that began with the event `first` arrive, behind its last event."""
    stats = {
        "started_at": fake.live[first - 1]["at"], "ended_at": times.from_ms(fake.now_ms()), "duration_ms": 12_300,
        "outcome": "ok", "cold": False, "wake_from": "manager", "cost_usd": 0.25, "tokens": {"input": 1000},
        "tools": {"Bash": 2},
    } | changes  # fmt: skip
    with fake.lock:
        number = len(fake.turns) + 1
        fake.turns.append(TurnRow(id=number, agent=agent, stats=stats, first_event=first, last_event=len(fake.live)))
        fake.emit("turn", {"agent": agent, "stats": stats})
