"""The last output of a terminal, by which a viewer that attaches later sees the screen. Pure."""

KEPT_BYTES = 256 * 1024


class Scrollback:
    """Bytes with their places: `end` is how many came in all, `start` is the place of the first that is kept."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._data = bytearray()
        self.start = 0

    @property
    def end(self) -> int:
        """The place after the last byte."""
        return self.start + len(self._data)

    def append(self, data: bytes) -> None:
        """Keep `data`; what is too old goes."""
        self._data += data
        if len(self._data) > 2 * self._kept_bytes:  # not at each byte: moving the rest costs
            gone = len(self._data) - self._kept_bytes
            del self._data[:gone]
            self.start += gone

    def since(self, offset: int) -> tuple[int, bytes]:
        """What came from `offset` on and is kept, and the place at which that begins.

        An offset beyond the end belongs to another terminal: all that is kept is shown.
        """
        begin = offset if self.start <= offset <= self.end else self.start
        return begin, bytes(self._data[begin - self.start :])
