"""The secret store, and what the settings refer to in it."""

from actors.cli.doctor.finding import Finding, Level
from actors.daemon_settings import DaemonSettings


def secrets(config: DaemonSettings) -> Finding:
    from actors.secrets.credentials import is_credential
    from actors.secrets.references import of_table
    from actors.secrets.store import FOLDER, SecretStore

    folder = config.state_dir / FOLDER
    try:
        if folder.stat().st_mode & 0o077:
            return Finding("secrets", Level.BAD, f"others can read {folder}", f"chmod 700 {folder}")
        known = {one.name for one in SecretStore(config.state_dir).entries()}
    except OSError:
        known = set()
    if missing := sorted({name for _, name in of_table(config.agent_env, "agent_env")} - known):
        text = f"agent_env refers to what is not there: {', '.join(missing)}; no agent starts"
        return Finding("secrets", Level.BAD, text, f"hive secret set {missing[0]}")
    if literal := sorted(name for name, value in config.agent_env.items() if is_credential(name, value)):
        text = f"agent_env holds what looks like a credential: {', '.join(literal)}"
        return Finding("secrets", Level.WARN, text, f'hive secret set {literal[0]}, then "secret:{literal[0]}"')
    return Finding("secrets", Level.OK, f"{len(known)} in {folder}, which is its owner's alone" if known else "none")
