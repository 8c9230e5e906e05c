"""Attacks on secrets from the Bash of a real Claude Code: an API key, the token of an MCP server, a proxy password."""

import hashlib
import json
import os
import secrets
import shutil
import zlib
from pathlib import Path

import pytest

from actors.cli.client import DaemonClient
from tests.actors.agent.nspawn_parts import lacking
from tests.needs import REQUIRED, needs
from tests.redteam.hive import Hive, text_files
from tests.redteam.internet import Internet, needs_namespaces
from tests.waiting import SECONDS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
VAULT = "vault-" + secrets.token_hex(16)
PASSWORD = "proxy-" + secrets.token_hex(16)
CLEAR = "clear-" + secrets.token_hex(16)
PROXY = f"http://operator:{PASSWORD}@proxy.example:3128"

WHY_NO_NSPAWN = None if REQUIRED else lacking()
KINDS = [
    pytest.param(("bwrap", False), id="bwrap-root"),
    pytest.param(("bwrap", True), id="bwrap-user"),
    pytest.param(
        ("nspawn", False), id="nspawn", marks=pytest.mark.skipif(bool(WHY_NO_NSPAWN), reason=str(WHY_NO_NSPAWN))
    ),
]
CONFIG = """
[network]
mode = "proxied"

[env]
CLEAR_TOKEN = "secret:CLEAR"

[extraMcpServers.vault]
command = "python3"
args = ["-I", "/srv/vault/vault_server.py"]
env = {{ VAULT_TOKEN = "secret:VAULT" }}

[[binds]]
source = "{source}"
target = "/srv/vault"
"""
RULES = "".join(
    f"""
[[rule]]
when = 'CALL {tool}'
result = '(?s).+'
steps = [{{ say = "Done." }}]

[[rule]]
when = 'CALL {tool}'
steps = [{{ call = "mcp__vault__{tool}", input = {{}} }}]
"""
    for tool in ("digest", "leak", "look")
)


@pytest.fixture(scope="module", params=KINDS)
def hive(request):
    runtime, unprivileged = request.param
    with Internet(unprivileged=unprivileged) as internet:
        source = internet.folder / "vault"
        source.mkdir(mode=0o755)
        shutil.copy(HERE / "vault_server.py", source)
        (source / "vault_server.py").chmod(0o644)
        stored = {"VAULT": VAULT, "PROXY": PROXY, "CLEAR": CLEAR}
        config = CONFIG.format(source=source)
        with Hive(
            internet, runtime, config, rules=RULES, stored=stored, agent_env={"HTTPS_PROXY": "secret:PROXY"}
        ) as hive:
            shutil.copy(HERE / "inside_secrets.py", hive.state / "shared/inside.py")
            (hive.state / "shared/inside.py").chmod(0o644)
            yield hive


def call(hive, tool):
    """What Claude was answered by a tool of the vault, as the operator's event stream shows it."""
    with DaemonClient(hive.socket, reply_seconds=SECONDS) as client:
        client.request("events")
        hive.ask("send", to="manager", body=f"CALL {tool}")
        for _ in range(200):
            frame = client.waiting(SECONDS)
            assert frame is not None, hive.log()
            text = json.dumps(frame)
            if '"tool_result"' in text and "attack is over" not in text:
                return text
    raise AssertionError("no answer of the tool")


def halves(*words):
    return json.dumps([[word[: len(word) // 2], word[len(word) // 2 :]] for word in words])


@needs_namespaces
@needs("bwrap")
def test_the_server_has_its_secret_and_no_place_inside_has_it(hive):
    assert hashlib.sha256(VAULT.encode()).hexdigest() in call(hive, "digest")
    printed = hive.attack(f"env; ps axeww 2>/dev/null; python3 /shared/inside.py '{halves(hive.key, VAULT, PASSWORD)}'")
    assert json.loads(printed.splitlines()[-1]) == {"0": [], "1": [], "2": []}
    for word in (hive.key, VAULT, PASSWORD):
        assert word not in printed


@needs_namespaces
@needs("bwrap")
def test_the_search_finds_what_is_there(hive):
    """The variable that the agent is meant to have."""
    printed = hive.attack(f"python3 /shared/inside.py '{halves(CLEAR)}'")
    assert any(place.endswith("/environ") for place in json.loads(printed.splitlines()[-1])["0"])


@needs_namespaces
@needs("bwrap")
def test_the_server_shares_neither_processes_nor_home_with_the_agent(hive):
    answer = call(hive, "look").replace("\\", "")
    seen = json.loads(answer[answer.index('{"home"') : answer.index("}", answer.index('{"home"')) + 1])
    assert seen["home"] == []
    assert seen["cwd"].endswith("/home")
    assert seen["of_claude"] == [], "the login and the sessions of Claude"
    assert seen["processes"] <= 5
    assert not [name for name in seen["names"] if name.startswith(("ANTHROPIC", "CLAUDE"))]


PLANT = """
loot='import os; open("/shared/loot", "a").write(str(dict(os.environ)))'
for folder in "$HOME" "$HIVE_STATE_DIR" /tmp; do
    for name in json hashlib sitecustomize usercustomize; do echo "$loot" > "$folder/$name.py"; done
done
site="$HOME/.local/lib/python3.11/site-packages"; mkdir -p "$site"; echo "$loot" > "$site/usercustomize.py"
printf 'env >> /shared/loot\\n' > "$HOME/.bashrc"; cp "$HOME/.bashrc" "$HOME/.profile"
for place in /usr/local/bin /usr/bin; do
    rm -f $place/python3
    printf '#!/bin/sh\\nenv >> /shared/loot\\nexec /usr/bin/python3.11 "$@"\\n' > $place/python3 && chmod 755 $place/python3
done 2> /dev/null
printf 'export LD_PRELOAD=/shared/evil.so\\nexport PYTHONPATH=/shared\\n' >> /run/hive/environment
rm -f /shared/loot
"""
CONNECT = """
import json, socket
link = socket.socket(socket.AF_UNIX); link.connect("/run/hive/mcp0"); lines = link.makefile("rw")
call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "digest"}}
print(json.dumps(call), file=lines, flush=True); print(lines.readline())
"""


@needs_namespaces
@needs("bwrap")
def test_what_the_agent_plants_is_not_run_by_a_server_with_secrets(hive):
    connect = hive.state / "shared/connect.py"
    connect.write_text(CONNECT)
    connect.chmod(0o644)
    printed = hive.attack(f"{PLANT}\n/usr/bin/env -i PATH=/usr/bin python3.11 -I /shared/connect.py")
    assert hashlib.sha256(VAULT.encode()).hexdigest() in printed, "a new server has started and works"
    loot = hive.state / "shared/loot"
    assert not loot.exists() or VAULT not in loot.read_text()


@needs_namespaces
@needs("bwrap")
def test_outside_a_secret_is_in_its_file_and_in_the_servers_environment_alone(hive):
    call(hive, "digest")
    hive.attack("true")
    stored = hive.state / "secrets"
    assert stored.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in stored.iterdir()} == {0o600}
    for word, place in ((hive.key, hive.folder / "key"), (VAULT, stored / "VAULT"), (PASSWORD, stored / "PROXY")):
        holding = [path for path, content in text_files(hive.folder).items() if word.encode() in unpacked(content)]
        assert holding == [place]
    told = {word: [] for word in (hive.key, VAULT, PASSWORD)}
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            for name in ("environ", "cmdline"):
                try:
                    content = (process / name).read_bytes()
                except OSError:
                    continue
                for word, places in told.items():
                    if word.encode() in content:
                        places.append((name, (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
    assert told == {
        hive.key: [],
        VAULT: [("environ", "python3 -I /srv/vault/vault_server.py ")],
        PASSWORD: [],
    }


@needs_namespaces
@needs("bwrap")
def test_a_secret_that_is_given_away_is_taken_out_of_events_logs_and_mail(hive):
    assert "[secret:VAULT]" in (answer := call(hive, "leak"))
    assert VAULT not in answer
    hive.attack('echo "$CLEAR_TOKEN"')
    shown = json.dumps([hive.ask("live_history", agent="manager", limit=200), hive.ask("messages", limit=100)])
    assert VAULT not in shown
    assert CLEAR not in shown
    for path, content in text_files(hive.folder).items():
        if path.is_relative_to(hive.state / "db") or path.suffix == ".log" or path.is_relative_to(hive.state / "meta"):
            assert VAULT.encode() not in content, path
            assert CLEAR.encode() not in content, path


def unpacked(content):
    """A file as it is, with the content of an object of git."""
    try:
        return content + zlib.decompress(content)
    except zlib.error:
        return content
