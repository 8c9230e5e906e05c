"""A storm over a running hive: blows from a seed, mail all the while, and a look at who is forgotten."""

import time
from pathlib import Path
from typing import Any

import click

from actors.cli import chaos_hands
from actors.cli.chaos_hands import CLAUDE, HARNESS, Containers
from actors.cli.chaos_plan import Draw, Kind, Purse, Target, choose, targets, throws
from actors.cli.chaos_traffic import Traffic
from actors.cli.tree import find
from actors.config import HostConfig
from harness.wire.errors import HiveError, conflict

SEND_SECONDS = 0.6
WATCH_SECONDS = 2.0
LOOK_SECONDS = 0.5
LOOKS = 4
"""So many good looks in a row are the end of the storm's damage."""
DISK_SECONDS = (0.5, 2.0)
CALM_SECONDS = 5.0
"""After the disk is back: nobody can be given mail that can not be leased, and harnesses try again within 2 s."""


class Storm:
    """One run: what is hit, and what was seen. `tell`: say so on the standard error as it happens."""

    def __init__(self, config: HostConfig, seed: int, *, tell: bool) -> None:
        self._began = time.monotonic()
        self._tell = tell
        self._throws = throws(seed)
        self._purse = Purse()
        probe = Traffic(config.host_socket, [])
        self.about = probe.ask("about")
        self.containers = Containers(Path(self.about["run_dir"]))
        rows = probe.ask("agent_status")["agent_statuses"]
        self.agents = {row["name"]: row["container"] for row in rows if row["running"] and not row["paused"]}
        if not self.agents:
            raise conflict("no agent runs that could be disturbed", "`hive spawn NAME`")
        self.traffic = Traffic(config.host_socket, list(self.agents))
        self._disk = chaos_hands.Disk(self.about["pid"])
        self.files = chaos_hands.files(self.about["pid"])
        self.actions: list[dict[str, Any]] = []
        self.forgotten: list[str] = []
        self._calm_at = 0.0
        self.settled_seconds: float | None = None

    def rage(self, seconds: float) -> None:
        """Hit, send and watch until the time is over."""
        try:
            self._rage(time.monotonic() + seconds)
        finally:
            self._disk.give_back()

    def _rage(self, end: float) -> None:
        draw = next(self._throws)
        hit_at, send_at, watch_at = time.monotonic() + draw.pause_seconds, 0.0, time.monotonic() + WATCH_SECONDS
        while (now := time.monotonic()) < end:
            if now >= hit_at:
                self._hit(draw)
                draw = next(self._throws)
                hit_at = time.monotonic() + draw.pause_seconds
            elif now >= send_at:
                self.traffic.send()
                send_at = now + SEND_SECONDS
            elif now >= watch_at:
                self._watch()
                watch_at = now + WATCH_SECONDS
            else:
                time.sleep(max(0.0, min(hit_at, send_at, watch_at, end) - now))

    def settle(self, seconds: float) -> None:
        """Wait until all agents run, all mail is done and everything promised holds, at most so long.

        At several looks in a row: whoever was hit a moment ago still looks well.
        """
        began, looks, well_at = time.monotonic(), 0, 0.0
        self._say("the storm is over; waiting until all mail is done")
        while looks < LOOKS and time.monotonic() - began < seconds:
            looked_at = time.monotonic()
            looks = looks + 1 if self._is_settled() else 0
            well_at = looked_at if looks == 1 else well_at
            time.sleep(LOOK_SECONDS)
        if looks == LOOKS:
            self.settled_seconds = round(well_at - began, 2)

    def away(self) -> list[str]:
        """The agents that ran before the storm and do not run now, and why."""
        rows = {row["name"]: row for row in self.traffic.ask("agent_status")["agent_statuses"]}
        down = [rows[name] for name in self.agents if not rows[name]["running"]]
        return [f"{row['name']} is {row['state']}: {row['note']}" for row in down]

    def verify(self) -> list[dict[str, Any]]:
        """The hive's own verdict on its promises."""
        rows: list[dict[str, Any]] = self.traffic.ask("verify")["promises"]
        return rows

    def _is_settled(self) -> bool:
        try:
            return not self.away() and not self.traffic.unfinished() and all(one["held"] for one in self.verify())
        except HiveError:
            return False

    def _hit(self, draw: Draw) -> None:
        """One blow. A hive that is just being repaired may not answer: then this throw hits nothing."""
        self.containers.look()
        try:
            tree = self.traffic.ask("actors")["tree"]
        except HiveError:
            return
        shims = {agent: pid for agent, room in self.agents.items() if (pid := _pid_of_container(tree, room))}
        process = find(tree, "web/process")
        web = process["pid"] if process is not None else None
        possible = targets(
            tree,
            web=web is not None,
            agents={agent: self.agents[agent] for agent in shims},
            claudes=[agent for agent, pid in shims.items() if chaos_hands.inside(pid, CLAUDE)],
        )
        target = choose(draw, possible, self._purse, time.monotonic())
        if target is not None and self._strike(target, shims.get(target.name) or web, draw):
            now = time.monotonic()
            self._purse.pay(target.place, now)
            self.actions.append({"at": round(now - self._began, 2), "kind": target.kind.value, "target": target.name})
            self._say(f"{target.kind:9} {target.name}")

    def _strike(self, target: Target, pid: int | None, draw: Draw) -> bool:
        """Whether it hit."""
        match target.kind:
            case Kind.ROOM:
                return self._end_room(target.name)
            case Kind.DISK:
                low, high = DISK_SECONDS
                seconds = low + draw.whom * (high - low)
                self._disk.take(seconds)
                self._calm_at = time.monotonic() + seconds + CALM_SECONDS
                return True
            case Kind.HARNESS | Kind.CLAUDE:
                word = HARNESS if target.kind is Kind.HARNESS else CLAUDE
                pid = chaos_hands.inside(pid, word) if pid is not None else None
        return pid is not None and chaos_hands.kill(pid)

    def _end_room(self, path: str) -> bool:
        try:
            self.traffic.ask("restart_actor", path=path)
        except HiveError as error:
            # The room that was to answer may have ended with the connection, as it was told to.
            return "ended the conversation" in error.message
        return True

    def _watch(self) -> None:
        """Whether somebody is forgotten at this moment."""
        if time.monotonic() < self._calm_at:
            return
        try:
            rows = self.verify()
        except HiveError:
            return
        self.forgotten += [row["detail"] for row in rows if row["name"] == "wake" and row["held"] is False]

    def _say(self, text: str) -> None:
        if self._tell:
            click.echo(f"{time.monotonic() - self._began:7.2f} s  {text}", err=True)


def _pid_of_container(tree: dict[str, Any], room: str) -> int | None:
    node = find(tree, f"agents/{room}/container")
    return node["pid"] if node is not None else None
