"""Numbered schema changes, one folder a database. They run in order when the store opens the file."""
