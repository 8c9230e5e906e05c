"""A fake daemon, and `hive` as a function."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from actors.cli.main import main
from tests.actors.cli.fake_daemon import FakeDaemon


@pytest.fixture
def run_dir() -> Iterator[Path]:
    # Not tmp_path: its names are longer than a socket's path may be.
    with tempfile.TemporaryDirectory(prefix="hive-") as folder:
        yield Path(folder)


@pytest.fixture
def daemon(run_dir: Path) -> Iterator[FakeDaemon]:
    fake = FakeDaemon(run_dir)
    yield fake
    fake.close()


@pytest.fixture
def hive(run_dir: Path, monkeypatch: pytest.MonkeyPatch):
    """`hive("actors", "--json")` in this process, with settings of its own and the run dir of the fake daemon."""
    for name in ("HIVE_CONFIG", "XDG_RUNTIME_DIR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HIVE_RUN_DIR", str(run_dir))
    monkeypatch.setenv("HIVE_STATE_DIR", str(run_dir / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(run_dir / "config"))

    def call(*arguments: str, stdin: str | None = None, color: bool = False) -> Result:
        return CliRunner().invoke(main, arguments, input=stdin, color=color, prog_name="hive")

    return call
