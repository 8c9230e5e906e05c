"""Databases of the present schema, migrated once by the real migrations and copied for the tests whose subject they are not."""

import shutil
import threading

from actors.store import opening


class NewFiles:
    """A file that no step of the migrations has seen yet is the same for every hive."""

    def __init__(self, folder):
        self.folder = folder
        self._migrate, self._lock, self._made = opening.migrate, threading.Lock(), {}

    def migrate(self, path, database):
        """Stands for `opening.migrate`. A file that is there already is migrated, step by step."""
        if path.name != f"{database}.sqlite" or path.exists():
            return self._migrate(path, database)
        with self._lock:  # each store opens its files in threads of its own
            if database not in self._made:
                original = self.folder / path.name
                self._made[database] = original, self._migrate(original, database)
        original, steps = self._made[database]
        shutil.copyfile(original, path)
        return list(steps)
