"""A listener of the feed that records, for tests of everything behind the feed."""

from gevent.event import Event

from tests.waiting import SECONDS


class RecordingListener:
    """A listener of the feed on which a test can wait."""

    def __init__(self, feed):
        self.seqs, self.gaps, self.links = [], 0, []
        self.feed = feed
        self.changed = Event()
        feed.add(self)

    def event(self, event):
        self.seqs.append(event.seq)
        self.changed.set()

    def gap(self, _status):
        self.gaps += 1
        self.changed.set()

    def link(self, status):
        self.links.append(status.away_since)
        self.changed.set()

    def until(self, condition):
        while not condition():
            assert self.changed.wait(SECONDS), f"only {self.seqs}, {self.gaps} gaps, {self.links}"
            self.changed.clear()
