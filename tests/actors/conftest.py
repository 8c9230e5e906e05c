"""What the tests of the host share."""

from unittest import mock

import pytest

from tests.actors.agent.stock import STOCK
from tests.actors.store.new_files import NewFiles


@pytest.fixture(autouse=True, scope="session")
def repositories_of_agents_are_copied(tmp_path_factory):
    """Making one takes twenty runs of git. They have tests of their own, which make theirs (test_agent_repos…)."""
    STOCK.open(tmp_path_factory.mktemp("stock"))
    with mock.patch("actors.agent.registry.orders.spawn.first_configuration", STOCK.seed):
        yield


@pytest.fixture(autouse=True, scope="session")
def new_databases_are_copied(tmp_path_factory):
    """Making one takes thirty transactions. The migrations have tests of their own (test_store_migrations)."""
    with mock.patch("actors.store.opening.migrate", NewFiles(tmp_path_factory.mktemp("databases")).migrate):
        yield
