"""What a process prints is kept in a file with an end."""

from actors.supervision.processes.log_file import LogFile


def test_a_log_that_is_full_becomes_the_older_one_and_no_line_is_cut(tmp_path):
    write = LogFile(tmp_path / "web.log", limit=100)
    for number in range(25):
        write(b"line %02d" % number)
    older, newer = ((tmp_path / name).read_text().splitlines() for name in ("web.log.1", "web.log"))
    assert [*older, *newer] == [f"line {number:02d}" for number in range(12, 25)]
    assert sorted(one.name for one in tmp_path.iterdir()) == ["web.log", "web.log.1"]


def test_a_line_longer_than_the_limit_is_written_and_moved_with_the_next(tmp_path):
    write = LogFile(tmp_path / "web.log", limit=100)
    write(b"x" * 500)
    write(b"next")
    assert ((tmp_path / "web.log.1").stat().st_size, (tmp_path / "web.log").read_text()) == (501, "next\n")
