"""The guide's words are the code's: the example runs, every name it uses is exported, every value is explained."""

import ast
import re
from pathlib import Path

import pytest

from actors import supervision
from actors.supervision import AutoShutdown, ExitKind, Refusal, Restart, Shutdown, Strategy

GUIDE = (Path(__file__).parents[3] / "docs" / "supervision.md").read_text()


def test_the_example_runs_as_it_says():
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    names, shown, lines = {}, [], example.splitlines()
    for statement in ast.parse(example).body:
        code = ast.get_source_segment(example, statement)
        promised = lines[statement.end_lineno - 1][statement.end_col_offset :].strip(" #")
        if promised.isdigit():
            shown.append((eval(code, names), int(promised)))
        else:
            exec(code, names)
    assert shown == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    "value", [*Strategy, *Restart, *AutoShutdown, *Refusal, *ExitKind, Shutdown.KILL, Shutdown.INFINITY], ids=repr
)
def test_every_value_one_can_choose_or_meet_is_explained(value):
    word = f"Shutdown.{value.name}" if isinstance(value, Shutdown) else value.value
    assert f"`{word}`" in GUIDE


def test_everything_that_is_exported_is_there():
    assert all(hasattr(supervision, name) for name in supervision.__all__)
    assert sorted(supervision.__all__) == sorted(set(supervision.__all__))
