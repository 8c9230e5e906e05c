"""How this hive is set up: one table, read from a TOML file, the environment and the command line.

Every field of `DaemonSettings` is a setting: its name is the TOML key, `HIVE_<KEY>` the variable and `--key` the
flag. A flag beats the environment, which beats the file, which beats the default. `docs/configuration.md`, the
flags and the NixOS options are made from the same table. Standard library only.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from actors.setting_kinds import PREFIX, Kind, Setting, SettingsError, closest, read
from harness.wire.constants import RUNTIMES

MAX_SOCKET_PATH = 107
"""Bytes of a unix socket's path on Linux, the closing zero not counted."""

LONGEST_SOCKET = "/agents/" + 32 * "x" + "/hive.sock"
"""The deepest socket below the run dir: that of an agent with the longest name."""


def _about(kind: Kind, text: str, *, default: str = "", choices: str = "") -> dict[str, Any]:
    """What the table says of a field; `default` words it where the value depends on the environment."""
    return {"kind": kind, "help": text, "default": default, "choices": tuple(choices.split())}


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonSettings:
    """The settings in force. Built by `load`; tests build it by hand. Nothing here is looked up globally."""

    state_dir: Path = field(
        metadata=_about(
            Kind.PATH,
            "Everything durable: databases, the agents' folders, the operator's token.",
            default="$XDG_STATE_HOME/hyperhive, usually ~/.local/state/hyperhive",
        )
    )
    run_dir: Path = field(
        metadata=_about(
            Kind.PATH,
            "The sockets. At most 57 bytes, because a socket's path has a limit of 107.",
            default="$XDG_RUNTIME_DIR/hyperhive; run below state_dir when that is set or there is no runtime dir",
        )
    )
    runtime: str = field(
        default="auto",
        metadata=_about(
            Kind.CHOICE,
            "What an agent runs in. auto takes bwrap where it works. Where it does not, agents run unsandboxed, which "
            "a root daemon refuses.",
            choices=f"auto {' '.join(RUNTIMES)}",
        ),
    )
    web_host: str = field(default="127.0.0.1", metadata=_about(Kind.TEXT, "The address the dashboard listens on."))
    web_port: int = field(default=7000, metadata=_about(Kind.PORT, "The dashboard's port; 0 means no dashboard."))
    web_user: str | None = field(
        default=None,
        metadata=_about(
            Kind.TEXT, "The user the web process runs as, when the daemon is root.", default="one without a name"
        ),
    )
    session_seconds: float = field(
        default=7 * 24 * 3600.0,
        metadata=_about(Kind.SECONDS, "How long a login of the dashboard lasts.", default="604800, a week"),
    )
    admin_group: str | None = field(
        default=None, metadata=_about(Kind.TEXT, "A group that may use host.sock beside its owner.")
    )
    claude_base_url: str | None = field(
        default=None, metadata=_about(Kind.URL, "Where Claude Code finds the model, if not at Anthropic.")
    )
    claude_api_key_file: Path | None = field(
        default=None, metadata=_about(Kind.PATH, "A file with the API key; without one, agents log in.")
    )
    claude_cli: Path | None = field(
        default=None, metadata=_about(Kind.PATH, "The claude program, if not the one that came with hive.")
    )
    default_model: str = field(
        default="haiku", metadata=_about(Kind.TEXT, "The model of an agent whose configuration names none.")
    )
    agent_env: Mapping[str, str] = field(
        default_factory=dict,
        metadata=_about(
            Kind.VARIABLES,
            "Environment variables of every agent, such as TZ or NODE_EXTRA_CA_CERTS; an agent's own `env` wins. "
            'A value "secret:NAME" is taken from the secret store.',
            default="none",
        ),
    )
    agent_memory: int | None = field(
        default=None,
        metadata=_about(
            Kind.SIZE,
            "The memory of an agent whose configuration sets no limits.memory.",
            default="half of the machine's memory",
        ),
    )
    agent_cpu: float | None = field(
        default=None,
        metadata=_about(
            Kind.NUMBER,
            "The cores of an agent whose configuration sets no limits.cpu.",
            default="three quarters of the machine's cores",
        ),
    )
    agent_pids: int = field(
        default=512,
        metadata=_about(Kind.COUNT, "The processes and threads of an agent whose configuration sets no limits.pids."),
    )
    agent_disk: int = field(
        default=10 * 1024**3,
        metadata=_about(
            Kind.SIZE,
            "The disk for the folders and the log of an agent whose configuration sets no limits.disk.",
            default="10G",
        ),
    )
    agent_turn_seconds: float | None = field(
        default=None,
        metadata=_about(
            Kind.NUMBER,
            "How many seconds a turn may take, of an agent whose configuration sets no limits.turn_seconds.",
        ),
    )
    agent_turn_tool_calls: int | None = field(
        default=None,
        metadata=_about(
            Kind.COUNT,
            "How many tools a turn may call, of an agent whose configuration sets no limits.turn_tool_calls.",
        ),
    )
    agent_end_leftovers: bool = field(
        default=False,
        metadata=_about(
            Kind.SWITCH,
            "End with each turn what it leaves running, of an agent whose configuration sets no limits.end_leftovers.",
            default="false",
        ),
    )
    reserve_bytes: int = field(
        default=64 * 1024**2,
        metadata=_about(
            Kind.SIZE, "Disk that the daemon keeps for itself, so that it goes on when the rest is full.", default="64M"
        ),
    )
    transcript_days: int = field(
        default=30,
        metadata=_about(
            Kind.COUNT,
            "Days that transcripts of Claude, rotated logs of agents and recordings of terminals are kept; the newest "
            "transcript and log always are.",
        ),
    )
    terminals: bool = field(
        default=True,
        metadata=_about(
            Kind.SWITCH,
            "Whether the operator can open a shell in an agent's container, on the page and with `hive terminal`.",
            default="true",
        ),
    )
    log_level: str = field(
        default="info",
        metadata=_about(
            Kind.CHOICE, "What the daemon logs; operations.md tells the levels.", choices="debug info warning error"
        ),
    )
    grace_seconds: float = field(
        default=20.0,
        metadata=_about(
            Kind.SECONDS,
            "How long a running turn may take to end, when its container is stopped, restarted or rebuilt, and when "
            "the hive stops.",
        ),
    )
    agents_on_stop: str = field(
        default="auto",
        metadata=_about(
            Kind.CHOICE,
            "The agents when the daemon stops: keep lets them run on for the next daemon, stop ends them with it. "
            "auto is keep for hive serve and stop for hive up.",
            choices="auto keep stop",
        ),
    )
    auto_update: bool = field(
        default=True,
        metadata=_about(
            Kind.SWITCH,
            "Rebuild, at the start of the daemon, agents that still run an older revision of the hive or of their "
            "configuration.",
            default="true",
        ),
    )
    ready_seconds: float = field(
        default=60.0, metadata=_about(Kind.SECONDS, "How long an agent may take from its start to its first ask.")
    )
    stuck_seconds: float = field(
        default=900.0,
        metadata=_about(
            Kind.SECONDS, "How long an agent with mail may be silent before it counts as stuck; 0 means for ever."
        ),
    )
    wave_width: int = field(
        default=4, metadata=_about(Kind.COUNT, "How many agents restart at the same time after the manager.")
    )

    events_per_minute: int = field(
        default=60_000,
        metadata=_about(
            Kind.COUNT, "Live events an agent may report in a minute; like the four that follow, [limits] can say else."
        ),
    )
    messages_per_minute: int = field(
        default=12_000,
        metadata=_about(
            Kind.COUNT,
            "Messages an agent or peer may send in a minute, to itself and each copy of a broadcast included.",
        ),
    )
    questions_per_minute: int = field(
        default=600, metadata=_about(Kind.COUNT, "Questions an agent or peer may ask in a minute.")
    )
    reminders_per_minute: int = field(
        default=600, metadata=_about(Kind.COUNT, "Reminders an agent or peer may set in a minute.")
    )
    bytes_per_minute: int = field(
        default=512 * 1024 * 1024, metadata=_about(Kind.COUNT, "Bytes of all requests of an agent or peer in a minute.")
    )

    @property
    def host_socket(self) -> Path:
        """Where the operator's programs reach the daemon."""
        return self.run_dir / "host.sock"

    @property
    def web_socket(self) -> Path:
        """Where the web process reaches the daemon."""
        return self.run_dir / "web.sock"

    @property
    def token_file(self) -> Path:
        """The operator's login token, 0600."""
        return self.state_dir / "operator.token"


def _row(item: "Field[Any]") -> Setting:
    optional = item.default is None
    words = item.metadata["default"] or ("none" if optional else str(item.default))
    return Setting(name=item.name, optional=optional, **{**item.metadata, "default": words})


SETTINGS: tuple[Setting, ...] = tuple(_row(item) for item in fields(DaemonSettings))
"""The table that the flags, the documentation and the NixOS module are made from."""

BY_NAME = {setting.name: setting for setting in SETTINGS}


class Found(NamedTuple):
    """A setting's value and where it came from: a flag, a variable, a file's path or `default`."""

    value: Any
    source: str


def load(flags: Mapping[str, Any], env: Mapping[str, str], file: Path | None = None) -> DaemonSettings:
    """Read the settings in force.

    `flags` are raw values by name, None where not given; `file` is the one that --config names, which must then
    exist. Fails with SettingsError.
    """
    config = DaemonSettings(**{name: found.value for name, found in gather(flags, env, file).items()})
    check_run_dir(config.run_dir)
    return config


def gather(flags: Mapping[str, Any], env: Mapping[str, str], file: Path | None = None) -> dict[str, Found]:
    """Every setting with its value and its source, in the order of the table. Arguments as for `load`."""
    path = find_file(env, file)
    found = _from_file(path) if path else {}
    for setting in SETTINGS:
        if setting.env in env:
            found[setting.name] = Found(read(setting, env[setting.env], setting.env), setting.env)
        if flags.get(setting.name) is not None:
            found[setting.name] = Found(read(setting, flags[setting.name], setting.flag), setting.flag)
    defaults = {item.name: Found(_default(item), "default") for item in fields(DaemonSettings)}
    return defaults | _dirs(found, env) | found


def _default(item: "Field[Any]") -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()


def find_file(env: Mapping[str, str], file: Path | None = None) -> Path | None:
    """The settings file in force: --config, HIVE_CONFIG, the user's, the system's; None when there is none."""
    named = file or (Path(env["HIVE_CONFIG"]) if env.get("HIVE_CONFIG") else None)
    if named is not None:
        if not named.is_file():
            raise SettingsError(f"there is no settings file {named}", "see --config and HIVE_CONFIG")
        return named
    usual = (_xdg(env, "XDG_CONFIG_HOME", ".config") / "hyperhive/hive.toml", Path("/etc/hyperhive/hive.toml"))
    return next((path for path in usual if path.is_file()), None)


def stray(env: Mapping[str, str]) -> dict[str, str]:
    """Variables that look like misspelt settings → the setting's variable. Other HIVE_ variables are not ours."""
    known = {setting.env.removeprefix(PREFIX) for setting in SETTINGS} | {"CONFIG"}
    words = [name.removeprefix(PREFIX) for name in env if name.startswith(PREFIX)]
    guesses = {word: closest(word, known, likeness=0.75) for word in words if word not in known}
    return {PREFIX + word: PREFIX + guess for word, guess in guesses.items() if guess}


def check_run_dir(run_dir: Path) -> None:
    """Refuse a run dir in which the longest agent's socket could not be bound."""
    longest = len(bytes(run_dir)) + len(LONGEST_SOCKET)
    if longest > MAX_SOCKET_PATH:
        over = longest - MAX_SOCKET_PATH
        raise SettingsError(
            f"expected run_dir to be at most {MAX_SOCKET_PATH - len(LONGEST_SOCKET)} bytes, got {over} more: {run_dir}",
            "a socket's path is limited; set a short one, such as HIVE_RUN_DIR=/tmp/hive-$USER",
        )


def _from_file(path: Path) -> dict[str, Found]:
    try:
        table = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read the settings in {path}: {error}") from None
    for name in table:
        if name not in BY_NAME:
            guess = closest(name, BY_NAME)
            hint = f"did you mean {guess!r}?" if guess else "all of them are in docs/configuration.md"
            raise SettingsError(f"there is no setting {name!r} (in {path})", hint)
    return {name: Found(read(BY_NAME[name], value, str(path)), str(path)) for name, value in table.items()}


def _dirs(found: Mapping[str, Found], env: Mapping[str, str]) -> dict[str, Found]:
    # A hive with a state dir of its own keeps its sockets there: two hives must not meet in one run dir.
    own_place = "state_dir" in found or not env.get("XDG_RUNTIME_DIR")
    state = (
        found["state_dir"].value if "state_dir" in found else _xdg(env, "XDG_STATE_HOME", ".local/state") / "hyperhive"
    )
    run = state / "run" if own_place else Path(env["XDG_RUNTIME_DIR"]) / "hyperhive"
    return {"state_dir": Found(state, "default"), "run_dir": Found(run, "default")}


def _xdg(env: Mapping[str, str], variable: str, below_home: str) -> Path:
    given = Path(env.get(variable) or "")
    # The XDG rule: a relative value is to be ignored.
    return given if given.is_absolute() else Path(env.get("HOME") or Path.home()) / below_home
