"""The Nix files parse, and say what the program says: the same settings, the same agent options."""

import base64
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from actors.daemon_settings import SETTINGS
from harness.wire.agent_config import AgentConfig, Bind, Limits, McpServer
from harness.wire.network import Network
from tests.needs import needs

NIX = Path(__file__).parents[1] / "nix"
FILES = sorted(NIX.glob("*.nix"))

# As much of nixpkgs' library as the modules use: options stay what was said of them.
LIB = """
let lib = {
  mkOption = option: option;
  mkEnableOption = text: { description = text; };
  mkIf = _: set: set;
  mkDefault = value: value;
  inherit (builtins) mapAttrs;
  filterAttrs = keep: set: builtins.listToAttrs (builtins.filter (pair: keep pair.name pair.value)
    (map (name: { inherit name; value = set.${name}; }) (builtins.attrNames set)));
  types = {
    str = "str"; bool = "bool"; package = "package"; port = "port";
    ints.positive = "count"; numbers = { positive = "number"; nonnegative = "number"; };
    enum = choices: { inherit choices; };
    nullOr = type: type; listOf = type: type; attrsOf = type: type; either = one: _: one;
    submodule = module: module;
  };
}; in
"""


def nix(*arguments: str, home: Path) -> str:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "NIX_STATE_DIR": str(home / "var")}
    argv = ["nix-instantiate", "--store", "dummy://", *arguments]
    done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def evaluate(expression: str, home: Path):
    return json.loads(nix("--eval", "--strict", "--json", "-E", LIB + expression, home=home))


@needs("nix-instantiate")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_nix_file_parses(file, tmp_path):
    assert nix("--parse", str(file), home=tmp_path)


@needs("nix-instantiate")
def test_every_input_of_the_flake_is_locked(tmp_path):
    inputs = evaluate(f"(import {NIX}/flake.nix).inputs", tmp_path)
    nodes = json.loads((NIX / "flake.lock").read_text())["nodes"]
    assert nodes["root"]["inputs"].keys() == inputs.keys()
    for name, wanted in inputs.items():
        original, locked = nodes[name]["original"], nodes[name]["locked"]
        assert wanted["url"] == f"github:{original['owner']}/{original['repo']}/{original['ref']}"
        assert (locked["owner"], locked["repo"]) == (original["owner"], original["repo"])
        assert re.fullmatch("[0-9a-f]{40}", locked["rev"])
        assert len(base64.b64decode(locked["narHash"].removeprefix("sha256-"), validate=True)) == 32


@needs("nix-instantiate")
def test_the_host_module_has_one_option_per_setting(tmp_path):
    arguments = "{ inherit lib; config.services.hyperhive = { }; pkgs = { }; }"
    found = evaluate(f"(import {NIX}/host.nix {arguments}).options.services.hyperhive.settings", tmp_path)
    assert set(found) == {setting.name for setting in SETTINGS}
    assert found["runtime"]["type"] == {"choices": ["auto", "process", "bwrap", "nspawn"]}
    assert all(option["default"] is None and option["description"] for option in found.values())


@needs("nix-instantiate")
def test_the_agent_module_mirrors_the_agents_configuration(tmp_path):
    options = f"(import {NIX}/agent.nix {{ inherit lib; }}).options.hyperhive"
    found = evaluate(options, tmp_path)
    assert set(found) == set(AgentConfig.model_fields)
    for key, part in (("limits", Limits), ("network", Network), ("binds", Bind), ("extraMcpServers", McpServer)):
        assert set(found[key]["type"]["options"]) == set(part.model_fields), key
    assert all(option["description"] for option in found.values())
