"""What the tests of the host share."""

from unittest import mock

import pytest

from tests.actors.agent.stock import STOCK


@pytest.fixture(autouse=True, scope="session")
def repositories_of_agents_are_copied(tmp_path_factory):
    """Making one takes twenty runs of git. They have tests of their own, which make theirs (test_agent_repos…)."""
    STOCK.open(tmp_path_factory.mktemp("stock"))
    with mock.patch("actors.agent.registry.orders.spawn.first_configuration", STOCK.seed):
        yield
