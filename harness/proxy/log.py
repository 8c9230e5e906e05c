"""The log of `hive-proxy`: one file with a size, since an agent can cause lines in it without end."""

import contextlib
import logging
import os

LOG_BYTES = 4 * 1024 * 1024
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class BoundedHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to standard error. `owned`: that is the proxy's own file, which is emptied when it is full.

    The process has neither the right nor the path to rename it.
    """

    owned = False

    def emit(self, record: logging.LogRecord) -> None:
        if self.owned:
            with contextlib.suppress(OSError):
                if os.fstat(2).st_size > LOG_BYTES:
                    os.ftruncate(2, 0)
        super().emit(record)


def set_up() -> BoundedHandler:
    """Log to standard error."""
    handler = BoundedHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    return handler
