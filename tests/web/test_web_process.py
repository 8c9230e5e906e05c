import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from tests.needs import REQUIRED, needs, needs_root
from tests.waiting import SECONDS
from tests.web.browserless import TOKEN

WEB = [sys.executable, "-m", "web.main"]
ROOT = Path(__file__).parent.parent.parent


@contextlib.contextmanager
def running(fake, tmp_path, *flags):
    """A hive-web process that listens; ended with SIGTERM."""
    token = tmp_path / "token"
    token.write_text(TOKEN + "\n")
    token.chmod(0o600)
    command = [*WEB, "--socket", str(fake.path), "--port", "0", "--token-file", str(token), *flags]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"hive-web listening on (http://127\.0\.0\.1:(\d+)/)\n", line)
        assert found, line + (process.stderr.read() if not line else "")
        process.url, process.port = found[1], int(found[2])
        yield process
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()


def ask(process, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=5)
    connection.request("GET", path, headers=headers)
    return connection, connection.getresponse()


def until(stream, beginning):
    """Read a stream up to the line with this beginning."""
    while not (line := stream.readline()).startswith(beginning):
        assert line, f"the stream ended before {beginning}"


RECEIVED = b'data: {"away_since":null'


@pytest.mark.slow
def test_the_process_prints_one_line_serves_and_ends_on_sigterm_despite_an_open_stream(fake, tmp_path):
    with running(fake, tmp_path) as process:
        connection, answer = ask(process, "/healthz")
        assert (answer.status, answer.read()) == (200, b"ok\n")
        connection.close()
        connection, stream = ask(process, "/events", Authorization=f"Bearer {TOKEN}")
        assert stream.readline().startswith(b"retry:")
        until(stream, RECEIVED)
        fake.emit("notice", {"level": "info", "text": "hello"})
        until(stream, b"event: notice")
        process.send_signal(signal.SIGTERM)
        assert process.wait(4) == 0
        stream.close()
        connection.close()
        assert process.stderr.read() == ""


@pytest.mark.slow
def test_many_streams_and_pages_are_served_at_once(fake, tmp_path):
    with running(fake, tmp_path) as process:
        streams = [ask(process, "/events?notices=1", Authorization=f"Bearer {TOKEN}") for _ in range(60)]
        connection, answer = ask(process, "/", Authorization=f"Bearer {TOKEN}")
        assert answer.status == 200
        answer.close()
        connection.close()
        for _, stream in streams:
            until(stream, RECEIVED)
        fake.set_agent("alice", state="thinking")
        for _, stream in streams:
            until(stream, b"event: notice")
        for connection, stream in streams:
            stream.close()
            connection.close()
        assert sum(one["cmd"] == "events" for one in fake.asked) == 1


@needs_root
@pytest.mark.slow
def test_the_process_drops_every_privilege_beyond_its_user(fake, tmp_path):
    for path in (tmp_path, *tmp_path.parents):
        if path.is_relative_to(tempfile.gettempdir()) and path.owner() == tmp_path.owner():
            path.chmod(path.stat().st_mode | 0o011)
    fake.path.chmod(0o666)
    with running(fake, tmp_path, "--user", "nobody") as process:
        assert set(psutil.Process(process.pid).uids()) == {65534}
        assert set(psutil.Process(process.pid).gids()) == {65534}
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert re.search(r"CapEff:\s+0+\n", status)
        assert re.search(r"Groups:\s*\n", status)
        connection, answer = ask(process, "/api/state", Authorization=f"Bearer {TOKEN}")
        assert answer.status == 200
        answer.close()
        connection.close()


@pytest.mark.parametrize(
    ("flags", "code", "words"),
    [
        ([], 2, "--socket"),
        (["--socket", "x"], 2, "--token-file"),
        (["--socket", "x", "--token-file", "/nowhere/token"], 1, "Try:"),
    ],
)
@pytest.mark.slow
def test_a_missing_setting_ends_the_start_with_a_hint(flags, code, words):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HIVE_")}
    ended = subprocess.run([*WEB, *flags], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == code
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_libraries_are_pinned_exactly_and_the_lock_names_no_host():
    package = json.loads((ROOT / "web/package.json").read_text())
    lock = (ROOT / "web/package-lock.json").read_text()
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
    assert not re.search(r"https?:|resolved", lock)
    locked = json.loads(lock)["packages"]
    assert all(
        locked[f"node_modules/{name}"]["version"] == version for name, version in package["dependencies"].items()
    )
    assert all("integrity" in entry for name, entry in locked.items() if name)


def test_a_build_without_npm_succeeds_and_says_what_is_missing(tmp_path):
    copy = tmp_path / "web"
    (copy / "static").mkdir(parents=True)
    (copy / "build.py").write_text((ROOT / "web/build.py").read_text())
    ended = subprocess.run(
        [sys.executable, copy / "build.py"], env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0
    assert "npm is not installed" in ended.stderr
    assert "Try:" in ended.stderr


@needs("npm")
def test_the_built_library_has_the_pinned_version():
    if not (ROOT / "web/static/vendor/htmx.min.js").exists():
        missing = "the browser libraries are not built: python web/build.py"
        (pytest.fail if REQUIRED else pytest.skip)(missing)
    pinned = json.loads((ROOT / "web/package.json").read_text())["dependencies"]["htmx.org"]
    built = (ROOT / "web/static/vendor/htmx.min.js").read_text().replace("'", '"').replace(" ", "")
    assert f'version="{pinned}"' in built
