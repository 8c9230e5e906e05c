"""Numbered schema changes, one folder a database, run in order when the store opens it."""
