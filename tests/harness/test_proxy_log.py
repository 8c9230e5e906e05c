"""The proxy's log has an end, whichever of its processes writes, and although none can open a file."""

import logging
import os
import subprocess
import sys

import pytest

from harness.proxy.log_file import BoundedLog, open_both

LIMIT = 10_000
WRITER = f"""
import logging, os, sys
from pathlib import Path
from harness.proxy.log_file import BoundedLog, open_both
lines = BoundedLog(limit={LIMIT})
log, older = open_both(Path(sys.argv[1]))
if os.geteuid() == 0:
    os.setresuid(65534, 65534, 65534)
os.dup2(log, 2)
lines.keep(older)
logging.basicConfig(handlers=[lines], level=logging.INFO, format="%(message)s")
other = os.fork()
for number in range(1000):
    logging.info("%s %04d %s", "keeper" if other else "worker", number, "x" * 60)
os._exit(0) if other == 0 else os.waitpid(other, 0)
"""


class Unbuffered:
    """The standard error of this process, which pytest has replaced."""

    def write(self, text):
        os.write(2, text.encode())

    def flush(self):
        """Nothing is held back."""


@pytest.mark.slow
def test_both_processes_write_whole_lines_and_the_files_stay_small(tmp_path):
    log = tmp_path / "proxy.log"
    subprocess.run([sys.executable, "-c", WRITER, str(log)], check=True)
    older = tmp_path / "proxy.log.1"
    for file in (log, older):
        assert 0 < file.stat().st_size <= LIMIT + 1000
        assert {(line.split()[0], len(line)) for line in file.read_text().splitlines()} <= {
            ("keeper", 72),
            ("worker", 72),
        }
    last = (older.read_text() + log.read_text()).splitlines()[-1]
    assert last.split()[1] == "0999"


def test_what_other_code_wrote_is_cut_too_and_the_newest_is_kept(tmp_path):
    log, older = open_both(tmp_path / "proxy.log")
    kept = os.dup(2)
    try:
        os.dup2(log, 2)
        os.write(2, b"a" * LIMIT + b"\n" + b"b" * (LIMIT // 2))
        lines = BoundedLog(limit=LIMIT)
        lines.setStream(Unbuffered())
        lines.keep(older)
        lines.emit(logging.makeLogRecord({"msg": "said"}))
    finally:
        os.dup2(kept, 2)
        for one in (kept, log, older):
            os.close(one)
    assert (tmp_path / "proxy.log").read_bytes() == b""
    text = (tmp_path / "proxy.log.1").read_text()
    assert text == "b" * (LIMIT // 2) + "said\n"
