"""A file shares its hive, whose processes come and go on purpose: leftovers are looked for at the end of the file."""

import pytest

TEST_SECONDS = 600
"""The bound of a test that names none. Each wait in it has one of its own, which says what did not come."""


def pytest_itemcollected(item):
    if item.get_closest_marker("timeout") is None:
        item.add_marker(pytest.mark.timeout(TEST_SECONDS))


@pytest.fixture(autouse=True)
def nothing_left_behind():
    return None
