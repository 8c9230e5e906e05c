"""What the tests of the approvals share."""

import pytest

from tests.actors.approvals.kit import Office


@pytest.fixture
def office(tmp_path):
    """The approvals with what they need, on real git."""
    office = Office(tmp_path)
    yield office
    office.close()
