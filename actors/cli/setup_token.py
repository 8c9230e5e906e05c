"""`claude setup-token`, driven: it wants a terminal, so it gets one that nobody sees; the caller shows the link.

Promises: the token is returned and printed nowhere; the program and its folder are gone when `setup_token` returns.
The program runs as the operator, outside of any agent, with an environment of its own.
"""

import contextlib
import fcntl
import importlib.util
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from actors.cli.output import plain
from harness.wire.errors import unavailable

COLUMNS = 1000
"""Wider than any link or token, so that none is broken over two lines."""

URL_SECONDS = 30.0
TOKEN_SECONDS = 60.0
MAX_OUTPUT = 1024 * 1024
TAIL_CHARACTERS = 300

PASSED_ON = ("PATH", "LANG", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "NODE_EXTRA_CA_CERTS")
"""What the program gets of the operator's environment: how to reach the account's server."""

_URL = re.compile(r"https://[^\s\x07\x1b]+/oauth/authorize\?[^\s\x07\x1b]+")
_TOKEN = re.compile(r"sk-ant-oat\d\d-[A-Za-z0-9_-]{20,}")
_REFUSAL = re.compile(r"(?:OAuth error: |✘\s*)([^\r\n]+)")
_MOVES = re.compile(r"\x1b\[\d*G")
_RETRY_KEY = b"\r"


def setup_token(claude: Path, env: Mapping[str, str], ask_code: Callable[[str], str]) -> str:
    """The token. `ask_code` shows the operator the address it is given, and returns the code from there.

    `unavailable` when the program cannot be started, gives no address, or refuses the code.
    """
    with tempfile.TemporaryDirectory(prefix="hive-login-") as home:
        screen, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
        process = None
        try:
            process = subprocess.Popen(
                [str(claude), "setup-token"], stdin=terminal, stdout=terminal, stderr=terminal,
                cwd=home, env=_environment(env, home), start_new_session=True,
            )  # fmt: skip
            os.close(terminal)
            terminal = -1
            return _converse(_Screen(screen), ask_code)
        except OSError as error:
            raise unavailable(f"{claude} cannot be run: {error.strerror}", "`hive doctor` looks at it") from None
        finally:
            if terminal >= 0:
                os.close(terminal)
            if process is not None:
                process.kill()
                process.wait()
            os.close(screen)


def find_claude(configured: Path | None) -> Path:
    """The program: the configured one, else that of the wheel of claude-agent-sdk, else that on the PATH."""
    if configured is not None:
        return configured
    spec = importlib.util.find_spec("claude_agent_sdk")
    bundled = None if spec is None or spec.origin is None else Path(spec.origin).parent / "_bundled" / "claude"
    if bundled is not None and bundled.is_file():
        return bundled
    found = shutil.which("claude")
    if found is None:
        raise unavailable("no claude was found", "set claude_cli to the path of the program")
    return Path(found)


def _environment(env: Mapping[str, str], home: str) -> dict[str, str]:
    """Scrubbed: a login of the operator's own, and a key in the environment, are none of the program's business."""
    found = {name: env[name] for name in PASSED_ON if name in env}
    return found | {
        "HOME": home,
        "CLAUDE_CONFIG_DIR": f"{home}/claude",
        "TERM": "xterm",
        "BROWSER": "true",  # no window on this machine: the operator may sit at another one
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    }


def _converse(screen: "_Screen", ask_code: Callable[[str], str]) -> str:
    url = screen.wait_for(_URL, URL_SECONDS)
    if url is None:
        raise unavailable(f"`claude setup-token` shows no address: {screen.tail()}")
    code = "".join(ask_code(url).split())
    screen.clear()
    screen.type(code.encode())
    screen.read(0.2)  # what comes in one piece with the code is taken for pasted text
    screen.type(_RETRY_KEY)
    token = screen.wait_for(_TOKEN, TOKEN_SECONDS, unless=_REFUSAL)
    if token is None:
        raise unavailable(f"no token was given: {screen.refusal() or screen.tail()}", "`hive login --all` again")
    return token


class _Screen:
    """What the program has written. Reading ends with the program."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._text = ""
        self._ended = False

    def type(self, keys: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._descriptor, keys)

    def clear(self) -> None:
        self._text = ""

    def tail(self) -> str:
        """The last words, with no token among them."""
        return _TOKEN.sub("…", " ".join(plain(_MOVES.sub(" ", self._text)).split()))[-TAIL_CHARACTERS:] or "nothing"

    def refusal(self) -> str | None:
        """The sentence with which the program refused the code."""
        found = _REFUSAL.search(self._text)
        return None if found is None else plain(_MOVES.sub(" ", found.group(1))).strip()

    def read(self, seconds: float) -> None:
        """Take what comes within this time; returns at once after the first of it."""
        if self._ended or not select.select([self._descriptor], [], [], seconds)[0]:
            return
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # how a terminal says that nobody writes to it any more
            data = b""
        self._ended = not data
        self._text = (self._text + data.decode(errors="replace"))[-MAX_OUTPUT:]

    def wait_for(self, wanted: re.Pattern[str], seconds: float, unless: re.Pattern[str] | None = None) -> str | None:
        """The first match once something stands behind it; None when `unless` comes first, or the end, or the time."""
        deadline = time.monotonic() + seconds
        while True:
            found = wanted.search(self._text)
            if found is not None and found.end() < len(self._text):
                return found.group()
            left = deadline - time.monotonic()
            if self._ended or left <= 0 or (unless is not None and unless.search(self._text)):
                return found.group() if found is not None else None
            self.read(left)
