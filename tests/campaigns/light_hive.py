"""A real daemon with light harnesses: many agents are cheap, and die when they are told to."""

import json

from tests.campaigns.real_hive import RealHive


class LightHive(RealHive):
    """`hurry`: by how much the pauses between restarts are shorter than those of a real daemon."""

    def __init__(self, *, hurry=1, **settings):
        super().__init__(runtime="process", **settings)
        self.env = {"HIVE_LIGHT_HURRY": str(hurry)}
        self.argv = [self.argv[0], "-m", "tests.campaigns.light_daemon", str(self.file)]

    def deliveries(self):
        """(id, whether it was marked as redelivered) of everything that a harness was handed."""
        for log in self.state.glob("agents/*/state/deliveries.jsonl"):
            yield from map(json.loads, log.read_text().splitlines())

    def drained(self):
        query = "SELECT 1 FROM messages WHERE acked_at IS NULL AND recipient LIKE 'a_%' LIMIT 1"
        return not self.query(query)
