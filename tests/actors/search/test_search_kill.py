"""A writer of the index that is killed: what is in the index is what its cursor says."""

import subprocess
import sys

import pytest

from actors.search import index

WRITER = """
import sys
from pathlib import Path
from actors.search import documents, index
connection = index.open_writer(Path(sys.argv[1]))
at = index.progress(connection).cursors.get("messages", (0, 0))[0]
while True:
    batch = [documents.message((at + one, 5, "alice", "bob", f"mail word{at + one}")) for one in range(1, 8)]
    at += 7
    index.add(connection, "messages", batch, (at, 5))
    print(at, flush=True)
"""


@pytest.mark.slow
def test_an_index_that_was_killed_holds_exactly_the_rows_up_to_its_cursor(tmp_path):
    path, told = tmp_path / "search.sqlite", 0
    for batches in (1, 4, 9):
        argv = [sys.executable, "-c", WRITER, str(path)]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as writer:
            for _ in range(batches):
                told = int(writer.stdout.readline())
            writer.kill()
        connection = index.open_writer(path)
        try:
            cursor = index.progress(connection).cursors["messages"][0]
            assert cursor >= told
            assert index.keys(connection, "messages", 0, 10**6) == list(range(1, cursor + 1))
            matched = connection.execute("SELECT count(*) FROM words WHERE words MATCH 'mail'").fetchone()
            assert matched == (cursor,)
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
        finally:
            connection.close()
