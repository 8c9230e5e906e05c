"""A campaign against a running hive: faults from a seed, mail all the while, and a watch for forgotten agents."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.cli import processes
from actors.cli.chaos import faults
from actors.cli.chaos.containers import Containers
from actors.cli.chaos.plan import Draw, Kind, Spending, Target, choose, draws, targets
from actors.cli.chaos.traffic import Traffic
from actors.cli.client import ConnectionClosedError
from actors.cli.tree.table import find
from actors.daemon_settings import DaemonSettings
from harness.wire.errors import HiveError, conflict, forbidden

HARNESS, CLAUDE = "harness.main", "claude"
SEND_SECONDS = 0.6
WATCH_SECONDS = 2.0
CHECK_SECONDS = 0.5
CHECKS = 4
"""The hive has recovered when so many checks in a row find nothing wrong."""
DISK_SECONDS = (0.5, 2.0)
CALM_SECONDS = 5.0
"""After the disk is back: mail that cannot be leased cannot be handed over, and harnesses try again within 2 s."""


class Campaign:
    """One run: the faults that were injected, and what was observed. `report` is told of each as it happens."""

    def __init__(self, config: DaemonSettings, seed: int, *, report: Callable[[str], None]) -> None:
        self._began = time.monotonic()
        self._report = report
        self._draws = draws(seed)
        self._spending = Spending()
        probe = Traffic(config.host_socket, [])
        self.about = probe.ask("about")
        self.containers = Containers(Path(self.about["run_dir"]))
        rows = probe.ask("agent_status")["agent_statuses"]
        self.agents = {row["name"]: row["container"] for row in rows if row["running"] and not row["paused"]}
        if not self.agents:
            raise conflict("no agent runs that could be disturbed", "`hive spawn NAME`")
        self.traffic = Traffic(config.host_socket, list(self.agents))
        self._disk = faults.Disk(self.about["pid"])
        self.files_before = self.open_files(self.about["pid"])
        self.actions: list[dict[str, Any]] = []
        self.forgotten: list[str] = []
        self._calm_at = 0.0
        self.settled_seconds: float | None = None

    def check_rehearsal(self) -> None:
        """Refuse a hive whose agents do real work: its model is not on this machine."""
        if not self.about["loopback"]:
            raise forbidden("the model of this hive is not on this machine: its agents do real work", "--yes-really")

    def run(self, seconds: float) -> None:
        """Inject faults, send mail and watch until the time is over."""
        try:
            self._run(time.monotonic() + seconds)
        finally:
            self._disk.give_back()

    def _run(self, end: float) -> None:
        draw = next(self._draws)
        fault_at, send_at, watch_at = time.monotonic() + draw.pause_seconds, 0.0, time.monotonic() + WATCH_SECONDS
        while (now := time.monotonic()) < end:
            if now >= fault_at:
                self._inject(draw)
                draw = next(self._draws)
                fault_at = time.monotonic() + draw.pause_seconds
            elif now >= send_at:
                self.traffic.send()
                send_at = now + SEND_SECONDS
            elif now >= watch_at:
                self._watch()
                watch_at = now + WATCH_SECONDS
            else:
                time.sleep(max(0.0, min(fault_at, send_at, watch_at, end) - now))

    def settle(self, seconds: float) -> None:
        """Wait until all agents run, all mail is done and every promise holds, for at most `seconds`.

        Several checks in a row have to say so: an actor that was ended a moment ago still looks well.
        """
        began, good, good_since = time.monotonic(), 0, 0.0
        self._tell("no more faults; waiting until all mail is done")
        while good < CHECKS and time.monotonic() - began < seconds:
            checked_at = time.monotonic()
            good = good + 1 if self._is_settled() else 0
            good_since = checked_at if good == 1 else good_since
            time.sleep(CHECK_SECONDS)
        if good == CHECKS:
            self.settled_seconds = round(good_since - began, 2)

    def not_running(self) -> list[str]:
        """The agents that ran before the campaign and do not run now, and why."""
        rows = {row["name"]: row for row in self.traffic.ask("agent_status")["agent_statuses"]}
        down = [rows[name] for name in self.agents if not rows[name]["running"]]
        return [f"{row['name']} is {row['state']}: {row['note']}" for row in down]

    def verify(self) -> list[dict[str, Any]]:
        """The promises as the daemon itself checks them."""
        rows: list[dict[str, Any]] = self.traffic.ask("verify")["promises"]
        return rows

    def open_files(self, pid: int) -> int:
        """How many files the daemon has open."""
        try:
            return processes.open_files(pid)
        except OSError as error:
            raise faults.not_reachable(pid, error) from None

    def _is_settled(self) -> bool:
        try:
            quiet = not self.not_running() and not self.traffic.unfinished()
            return quiet and all(one["held"] for one in self.verify())
        except HiveError:
            return False

    def _inject(self, draw: Draw) -> None:
        """One fault. A hive that is being repaired may not answer: this draw then injects none."""
        self.containers.observe()
        try:
            tree = self.traffic.ask("actors")["tree"]
        except HiveError:
            return
        shims = {agent: pid for agent, name in self.agents.items() if (pid := _pid_of_container(tree, name))}
        process = find(tree, "web/process")
        web = process["pid"] if process is not None else None
        possible = targets(
            tree,
            web=web is not None,
            agents={agent: self.agents[agent] for agent in shims},
            claudes=[agent for agent, pid in shims.items() if processes.program_below(pid, CLAUDE)],
        )
        target = choose(draw, possible, self._spending, time.monotonic())
        if target is not None and self._carry_out(target, shims.get(target.name) or web, draw):
            now = time.monotonic()
            self._spending.charge(target.place, now)
            self.actions.append({"at": round(now - self._began, 2), "kind": target.kind.value, "target": target.name})
            self._tell(f"{target.kind:9} {target.name}")

    def _carry_out(self, target: Target, pid: int | None, draw: Draw) -> bool:
        """Whether the fault was injected."""
        match target.kind:
            case Kind.ACTOR:
                return self._end_actor(target.name)
            case Kind.DISK:
                low, high = DISK_SECONDS
                seconds = low + draw.target * (high - low)
                self._disk.take_away(seconds)
                self._calm_at = time.monotonic() + seconds + CALM_SECONDS
                return True
            case Kind.HARNESS | Kind.CLAUDE:
                program = HARNESS if target.kind is Kind.HARNESS else CLAUDE
                pid = processes.program_below(pid, program) if pid is not None else None
        return pid is not None and faults.kill(pid)

    def _end_actor(self, path: str) -> bool:
        try:
            self.traffic.ask("restart_actor", path=path)
        except ConnectionClosedError:
            return True  # the actor that was to answer ended, as it was told to
        except HiveError:
            return False
        return True

    def _watch(self) -> None:
        """Note the agents that are idle with mail at this moment."""
        if time.monotonic() < self._calm_at:
            return
        try:
            rows = self.verify()
        except HiveError:
            return
        self.forgotten += [row["detail"] for row in rows if row["name"] == "wake" and row["held"] is False]

    def _tell(self, text: str) -> None:
        self._report(f"{time.monotonic() - self._began:7.2f} s  {text}")


def _pid_of_container(tree: dict[str, Any], name: str) -> int | None:
    node = find(tree, f"agents/{name}/container")
    return node["pid"] if node is not None else None
