"""What a test needs of the machine: a missing program is a skip with its reason, or a failure where it was promised."""

import os
import shutil

import pytest

REQUIRED = os.environ.get("HIVE_TEST_REQUIRE") == "all"


def _absent(reason: str):
    def mark(function):
        if not REQUIRED:
            return pytest.mark.skip(reason=reason)(function)

        def missing(*_args, **_kwargs):
            pytest.fail(f"{reason}, and HIVE_TEST_REQUIRE=all promises it")

        missing.__name__, missing.__doc__ = function.__name__, function.__doc__
        return missing

    return mark


def needs(*programs: str):
    """The test runs these programs."""
    absent = [name for name in programs if shutil.which(name) is None]
    return _absent(f"{', '.join(absent)} not installed") if absent else (lambda function: function)


def needs_root(function):
    """The test does what only root may."""
    return function if os.geteuid() == 0 else _absent("needs root")(function)
