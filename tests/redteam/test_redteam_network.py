"""Attacks on the network from the Bash of a real Claude Code, in every runtime and for both kinds of daemon user."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from harness.wire.interpreter import interpreter
from tests.actors.agent.nspawn_parts import lacking
from tests.needs import REQUIRED, needs
from tests.redteam.hive import Hive, text_files
from tests.redteam.internet import MACHINE, MACHINE_6, Internet, needs_namespaces

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SECRET_PORT = 5555
ALLOW = (
    '[network]\nmode = "proxied"\nallow = ["allowed.example", "*.allowed.example", "lan.example", "loopback.example"]\n'
)
PIP = f"{interpreter()} -m pip --disable-pip-version-check download --quiet --no-cache-dir --no-deps -d /tmp/got"
HERE = Path(__file__).parent

WHY_NO_NSPAWN = None if REQUIRED else lacking()
"""Where every kind was promised, the kind that is lacking fails."""
KINDS = [
    pytest.param(("bwrap", False), id="bwrap"),
    pytest.param(("bwrap", True), id="bwrap-user"),
    pytest.param(
        ("nspawn", False), id="nspawn", marks=pytest.mark.skipif(bool(WHY_NO_NSPAWN), reason=str(WHY_NO_NSPAWN))
    ),
]


@pytest.fixture(scope="module", params=KINDS)
def hive(request):
    runtime, unprivileged = request.param
    with Internet(unprivileged=unprivileged) as internet, Hive(internet, runtime, ALLOW) as hive:
        hive.internet = internet
        shutil.copy(HERE / "inside_network.py", hive.state / "shared/inside.py")
        (hive.state / "shared/inside.py").chmod(0o644)
        yield hive


@needs_namespaces
@needs("bwrap")
def test_nothing_of_the_machine_is_reached_and_the_key_is_found_nowhere(hive):
    service = hive.internet.listen(SECRET_PORT)
    try:
        ports = [SECRET_PORT, hive.port, hive.model_port]
        half = len(hive.key) // 2
        orders = json.dumps([ports, [MACHINE, MACHINE_6], [hive.key[:half], hive.key[half:]]])
        printed = hive.attack(f"env; python3 /shared/inside.py '{orders}'")
    finally:
        assert service.close() == 0, "the service on loopback had a visitor"
    found = json.loads(printed.splitlines()[-1])
    assert set(found["reached"].values()) <= {"ECONNREFUSED", "ENETUNREACH", "EADDRNOTAVAIL"}, found["reached"]
    assert found["key"] == []
    assert hive.key not in printed
    assert "the-proxy-adds-the-key" in printed, "Claude has a key that is none"


@needs_namespaces
@needs("bwrap")
def test_a_port_taken_inside_is_free_on_the_machine(hive):
    script = "import socket; s = socket.create_server(('', 7777)); t = socket.create_connection(('127.0.0.1', 7777)); print('taken'); import subprocess; subprocess.run(['sh', '-c', 'echo taken > /shared/taken; cat /shared/go_on'])"
    for name in ("taken", "go_on"):
        subprocess.run(["mkfifo", "-m", "666", str(hive.state / "shared" / name)], check=True)
    try_it = "import socket; socket.create_server(('127.0.0.1', 7777)).close(); socket.create_server(('0.0.0.0', 7777)).close(); print('free')"
    waits = f"head -n1 {hive.state}/shared/taken; '{interpreter()}' -c \"{try_it}\"; timeout 50 sh -c 'echo on > {hive.state}/shared/go_on'"
    outside = subprocess.Popen([*hive.internet.on_machine, "sh", "-c", waits], stdout=subprocess.PIPE, text=True)
    printed = hive.attack(f'timeout 50 python3 -c "{script}"')
    assert outside.communicate(timeout=60)[0].split() == ["taken", "free"]
    assert "taken" in printed


@needs_namespaces
@needs("bwrap", "curl", "git")
def test_an_allowed_name_is_reached_by_usual_programs_and_nothing_else_is(hive):
    curl = "curl --silent --show-error --max-time 20 --output - --write-out 'status %{http_code}\\n'"
    if "nspawn" in hive._runtime:
        curl = "python3 /shared/get.py"
        (hive.state / "shared/get.py").write_text(GET)
    service = hive.internet.listen(SECRET_PORT)
    try:
        printed = hive.attack(
            f"""
            {curl} http://allowed.example/hello
            git clone --quiet http://allowed.example/repo.git clone && cat clone/README
            {PIP} --index-url http://allowed.example/simple/ --trusted-host allowed.example parcel; ls /tmp/got
            wc -c < /etc/resolv.conf || echo no name server
            for url in other.example/hello lan.example/ loopback.example:{SECRET_PORT}/ {MACHINE}:{SECRET_PORT}/; do
                echo; echo "--- $url"; {curl} http://$url; {curl} https://$url
            done
            """
        )
    finally:
        assert service.close() == 0
    assert "hello from the internet" in printed
    assert "a repository of the internet" in printed
    assert "parcel-1.0-py3-none-any.whl" in printed.split("repository of")[1]
    assert "no name server" in printed or "\n0\n" in printed, "an old list of name servers misleads"
    refused = printed.split("---")[1:]
    assert len(refused) == 4
    for part in refused:
        assert "403" in part, part
        assert "200" not in part, part
        assert "hello" not in part.replace("/hello", ""), part
    hive.wait_for_hosts("allowed.example", "other.example", "lan.example", "loopback.example")


@needs_namespaces
@needs("bwrap")
def test_the_key_lies_in_its_file_and_in_no_other_place_of_the_host(hive):
    hive.attack("env")
    holding = [path for path, content in text_files(hive.folder).items() if hive.key.encode() in content]
    assert holding == [hive.folder / "key"]
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                told = (process / "environ").read_bytes() + (process / "cmdline").read_bytes()
            except OSError:
                continue
            assert hive.key.encode() not in told, (process / "cmdline").read_bytes()


@needs_namespaces
@needs("bwrap")
def test_a_new_proxy_serves_the_next_turn():
    with Internet() as internet, Hive(internet, "bwrap") as hive:
        assert "before" in hive.attack("echo before")
        (pid,) = [node["pid"] for node in walk(hive.ask("actors")["tree"]) if node["name"] == "proxy/process"]
        subprocess.run(["kill", "-9", str(pid)], check=True)
        assert "still here" in hive.attack("echo still here")


def walk(node):
    yield node
    for child in node.get("children", ()):
        yield from walk({**child, "name": f"{node['name']}/{child['name']}".removeprefix("hive/")})


GET = """
import sys, urllib.request
try:
    answer = urllib.request.urlopen(sys.argv[1], timeout=20)
    print(answer.read().decode(), answer.status)
except Exception as error:
    print(error)
"""
