# hive as an application in an environment of its own.
{
  lib,
  python3Packages,
  makeWrapper,
  bubblewrap,
  claude-code ? null,
  git,
}:
let
  # What the daemon and its agents start by name.
  programs = [
    bubblewrap
    git
  ]
  ++ lib.optional (claude-code != null) claude-code;
in
python3Packages.buildPythonApplication {
  pname = "hyperhive";
  version = (builtins.fromTOML (builtins.readFile ../pyproject.toml)).project.version;
  pyproject = true;
  src = lib.cleanSource ../.;

  build-system = [ python3Packages.hatchling ];
  nativeBuildInputs = [ makeWrapper ];
  dependencies = with python3Packages; [
    bottle
    claude-agent-sdk
    click
    gevent
    markdown-it-py
    mcp
    peewee
    pydantic
    pykka
    sh
    wsproto
  ];

  makeWrapperArgs = [
    "--prefix PATH : ${lib.makeBinPath programs}"
  ]
  ++ lib.optional (claude-code != null) "--set-default HIVE_CLAUDE_CLI ${claude-code}/bin/claude";

  # The tests need a machine: sandboxes, sockets, a browser. They are run from a checkout.
  doCheck = false;
  pythonImportsCheck = [
    "actors.cli.main"
    "harness.wire.operator_api"
  ];

  meta = {
    description = "A supervised swarm of Claude Code agents on a machine you own";
    license = lib.licenses.mit;
    mainProgram = "hive";
    platforms = lib.platforms.linux;
  };
}
