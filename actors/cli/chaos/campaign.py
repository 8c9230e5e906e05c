"""A campaign against a running hive: faults from a seed, mail all the while, and a watch for forgotten agents."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from actors.cli import processes
from actors.cli.chaos import faults
from actors.cli.chaos.clock import JUMPS_MS, WallClock
from actors.cli.chaos.containers import Containers
from actors.cli.chaos.daemon import DaemonProcess
from actors.cli.chaos.plan import Draw, Kind, Possible, Spending, Target, choose, draws, targets
from actors.cli.chaos.traffic import Traffic
from actors.cli.chaos.wedge import Wedge
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
WEDGE_SECONDS = (0.5, 4.0)
CLOCK_SECONDS = (1.0, 3.0)
CALM_SECONDS = 5.0
"""After the disk is back: mail that cannot be leased cannot be handed over, and harnesses try again within 2 s."""


class Campaign:
    """One run: the faults that were injected, and what was observed. `report` is told of each as it happens."""

    def __init__(
        self, config: DaemonSettings, seed: int, *, kill_daemon: bool = False, report: Callable[[str], None]
    ) -> None:
        self._began = time.monotonic()
        self._report = report
        self._draws = draws(seed)
        self._spending = Spending()
        probe = Traffic(config.host_socket, [])
        self.about = probe.ask("about")
        self.containers = Containers(Path(self.about["run_dir"]))
        rows = probe.ask("agent_status")["agent_statuses"]
        # A peer is somebody else's session: it reads its mail when it likes, and nothing of it is disturbed.
        mine = [row for row in rows if row["role"] != "peer" and row["running"] and not row["paused"]]
        self.agents = {row["name"]: row["container"] for row in mine}
        if not self.agents:
            raise conflict("no agent runs that could be disturbed", "`hive spawn NAME`")
        self.traffic = Traffic(config.host_socket, list(self.agents))
        self._kills_daemon = kill_daemon
        self.pid: int = self.about["pid"]
        """The daemon's, which changes when it is killed."""
        self.daemon_kills = 0
        self._disk = faults.Disk(self.pid)
        self._wedge = Wedge()
        self._clock = WallClock(self.pid)
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
            self._wedge.resume_all()
            self._clock.set_right()

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
        servers = {name: pid for name in ("web", "proxy") if (pid := _pid(tree, f"{name}/process"))}
        possible = Possible(
            agents={agent: self.agents[agent] for agent in shims},
            claudes=[agent for agent, pid in shims.items() if processes.program_below(pid, CLAUDE)],
            web="web" in servers,
            proxy="proxy" in servers,
            clock=self._clock.can_jump,
            daemon=self._kills_daemon,
        )
        target = choose(draw, targets(tree, possible), self._spending, time.monotonic())
        pids = {**shims, **servers, "daemon": self.pid}
        if target is not None and self._carry_out(target, pids, draw):
            now = time.monotonic()
            self._spending.charge(target.place, now)
            self.actions.append({"at": round(now - self._began, 2), "kind": target.kind.value, "target": target.name})
            self._tell(f"{target.kind:9} {target.name}")

    def _carry_out(self, target: Target, pids: Mapping[str, int], draw: Draw) -> bool:
        """Whether the fault was injected. `pids`: of the containers' shims and of the servers, by name."""
        pid = pids.get(target.name)
        match target.kind:
            case Kind.ACTOR:
                return self._end_actor(target.name)
            case Kind.DISK:
                self._disk.take_away(self._excuse(DISK_SECONDS, draw))
                return True
            case Kind.WEDGE:
                hung = self._hung(target.name, pids)
                return hung is not None and self._wedge.stop(hung, self._excuse(WEDGE_SECONDS, draw))
            case Kind.CLOCK:
                self._clock.jump(JUMPS_MS[int(draw.target * len(JUMPS_MS))], self._excuse(CLOCK_SECONDS, draw))
                return True
            case Kind.DAEMON:
                self._kill_daemon()
                return True
            case Kind.HARNESS | Kind.CLAUDE:
                program = HARNESS if target.kind is Kind.HARNESS else CLAUDE
                pid = processes.program_below(pid, program) if pid is not None else None
        return pid is not None and faults.kill(pid)

    def _excuse(self, bounds: tuple[float, float], draw: Draw) -> float:
        """How long the fault lasts; until a while after it, an agent that is idle with mail is not forgotten."""
        low, high = bounds
        seconds = low + draw.target * (high - low)
        self._calm_at = time.monotonic() + seconds + CALM_SECONDS
        return seconds

    def _hung(self, words: str, pids: Mapping[str, int]) -> int | None:
        """The process that a wedge names: `harness alice`, `claude alice`, `web`, `proxy` or `daemon`."""
        program, _, agent = words.partition(" ")
        if not agent:
            return pids.get(program)
        shim = pids.get(agent)
        return None if shim is None else processes.program_below(shim, HARNESS if program == "harness" else CLAUDE)

    def _kill_daemon(self) -> None:
        self._disk.give_back()
        self._wedge.resume_all()
        self.pid = DaemonProcess(self.pid).kill(lambda: self.traffic.ask("about"))
        self.daemon_kills += 1
        self._disk = faults.Disk(self.pid)
        self._calm_at = time.monotonic() + CALM_SECONDS

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
    return _pid(tree, f"agents/{name}/container")


def _pid(tree: dict[str, Any], path: str) -> int | None:
    node = find(tree, path)
    return node["pid"] if node is not None else None
