"""Fixtures of the harness tests."""

import pytest

from tests.harness.fake_daemon import FakeDaemon


@pytest.fixture
def daemon(tmp_path):
    fake = FakeDaemon(tmp_path / "hive.sock").start()
    yield fake
    if fake._server is not None:
        fake.stop()
