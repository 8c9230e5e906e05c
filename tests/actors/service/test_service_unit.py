"""The unit file says what the daemon relies on, and the NixOS module says the same."""

import configparser
from pathlib import Path

from actors.daemon_settings import DaemonSettings

ROOT = Path(__file__).parents[3]


def unit():
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string((ROOT / "docs/hive.service").read_text())
    return parser


def test_agents_outlive_a_restart_of_the_unit():
    service = unit()["Service"]
    assert (service["Type"], service["KillMode"], service["RuntimeDirectoryPreserve"]) == ("notify", "process", "yes")


def test_systemd_waits_longer_than_the_deadlines_of_the_daemon_together():
    # As docs/operations.md lists them: sockets, components, agents, manager, components again, broker, store, service.
    agents = DaemonSettings(state_dir=ROOT, run_dir=ROOT).grace_seconds + 10 + 10
    assert int(unit()["Service"]["TimeoutStopSec"]) > 10 + 3 * 2 + 4 * 5 + agents + 4 * 5 + 15 + 30 + 5


def test_the_module_for_nixos_says_the_same():
    module = (ROOT / "nix/host.nix").read_text()
    service = unit()["Service"]
    for key in ("WatchdogSec", "TimeoutStopSec"):
        assert f"{key} = {service[key]};" in module
    for key in ("Type", "KillMode", "RuntimeDirectoryPreserve", "StateDirectoryMode", "Restart"):
        assert f'{key} = "{service[key]}";' in module
