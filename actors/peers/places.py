"""Where a peer's socket is. Its folder can be shown to the container in which the peer lives."""

from pathlib import Path


def socket_path(run_dir: Path, name: str) -> Path:
    """The socket of the peer with this (checked) name."""
    return run_dir / "peers" / name / "hive.sock"
