"""A file shares its hive, whose processes come and go on purpose: what is left behind is looked for at the file's end."""

import pytest


@pytest.fixture(autouse=True)
def nothing_left_behind():
    return None
