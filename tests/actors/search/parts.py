"""Store, broker, questions, telemetry and search, with a clock that is set forward until the index has followed."""

from actors.questions.actor import QuestionsActor
from actors.search import api
from actors.search.actor import SearchActor
from actors.telemetry.actor import TelemetryActor
from harness.wire.errors import HiveError
from tests.actors.components import Components
from tests.waiting import until


class SearchedHive(Components):
    def __init__(self, folder, *agents):
        super().__init__(folder, *agents)
        self.path = folder / "search.sqlite"
        self.boot("questions", QuestionsActor(directory=self.directory, clock=self.clock))
        self.boot("telemetry", TelemetryActor(directory=self.directory, clock=self.clock))
        self.begin_search()

    def begin_search(self):
        self.actor = self.boot("search", SearchActor(path=self.path, directory=self.directory, clock=self.clock))

    def find(self, query, *, limit=20, before=None):
        return api.search(self.directory, query, limit=limit, before=before, now_ms=self.clock.now_ms())

    def follow(self):
        """Wait until the index has every row."""
        until(self._has_followed, "an index that has every row", 20.0)

    def texts(self, query, **more):
        self.follow()
        return ["".join(part.text for part in hit.snippet) for hit in self.find(query, **more).hits]

    def _has_followed(self):
        self.clock.advance(1)
        try:
            return self.actor.state_word() == "current" and self.find("in:message").not_indexed == 0
        except HiveError:
            return False
