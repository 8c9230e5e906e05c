"""Work in a native thread: its result or its error, and nothing printed for an error that is expected."""

import re
import threading
from pathlib import Path

import pytest

from actors.in_thread import in_thread
from harness.wire.errors import HiveError, not_found


def refuse(what):
    raise not_found(what)


def test_the_function_runs_in_another_thread_and_its_value_is_returned():
    assert in_thread(threading.get_ident) != threading.get_ident()
    assert in_thread(divmod, 7, 2) == (3, 1)
    assert in_thread(lambda: None) is None


def test_an_error_is_raised_and_not_printed(capfd):
    with pytest.raises(HiveError, match="there is no commit"):
        in_thread(refuse, "commit")
    with pytest.raises(ZeroDivisionError):
        in_thread(divmod, 1, 0)
    assert capfd.readouterr().err == ""


def test_everything_that_runs_in_a_native_thread_goes_this_way():
    sources = Path(in_thread.__code__.co_filename).parent.rglob("*.py")
    assert [path.name for path in sources if re.search(r"threadpool\s*\.apply", path.read_text())] == ["in_thread.py"]
