"""What the boundary costs an agent: starts and warm turns with a network of its own, beside the host's network.

Two agents of one hive in bubblewrap, real Claude CLI, a model that answers at once; in turns, so that the machine's
weather meets both. `python -m tests.bench boundary` prints JSON; milliseconds, medians.
"""

import statistics
import time

from tests.campaigns.real_hive import RealHive

AGENTS = {"proxied": "", "host": '[network]\nmode = "host"\n'}


def run(*, starts: int = 8, turns: int = 30) -> dict[str, object]:
    """Medians for both, and the medians of their differences."""
    with RealHive({"when": "turn", "steps": [{"say": "Done."}]}) as hive:
        hive.spawn(*AGENTS)
        for name, text in AGENTS.items():
            (hive.state / "applied" / name / "agent.toml").write_text(f"warm_seconds = 600\n{text}")
        started = in_turns(starts, lambda name: start(hive, name))
        warm = in_turns(turns, lambda name: turn(hive, name))
    return {"start": compared(started), "warm_turn": compared(warm), "starts": starts, "turns": turns}


def in_turns(rounds, act):
    """Milliseconds of `act(name)` for each agent; the first round warms up and does not count."""
    found = {name: [] for name in AGENTS}
    for number in range(rounds + 1):
        for name in sorted(AGENTS, reverse=bool(number % 2)):
            took = act(name)
            if number:
                found[name].append(took)
    return found


def start(hive, name):
    """From the request to the harness's first question for mail."""
    hive.ask("stop", scope={"agent_names": [name]}, graceful=False)
    hive.until(lambda: not hive.row(name)["running"])
    began = time.perf_counter()
    with hive.events() as stream:
        hive.ask("start", scope={"agent_names": [name]})
        while hive.row(name)["state"] != "idle":
            stream.waiting(0.05)
    return (time.perf_counter() - began) * 1000


def turn(hive, name):
    """From the operator's message to its acknowledgement."""
    hive.until(lambda: hive.row(name)["state"] == "idle")
    with hive.events() as stream:
        began = time.perf_counter()
        id_ = hive.send(name, "turn")
        while not is_acked(stream.waiting(60), id_):
            pass
        return (time.perf_counter() - began) * 1000


def is_acked(event, id_):
    return bool(event) and event["kind"] == "acked" and id_ in event["data"]["ids"]


def compared(samples):
    medians = {f"{name}_ms": round(statistics.median(values), 1) for name, values in samples.items()}
    differences = [one - other for one, other in zip(samples["proxied"], samples["host"], strict=True)]
    return {**medians, "proxied_costs_ms": round(statistics.median(differences), 1)}
