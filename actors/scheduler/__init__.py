"""Reminders: kept by the daemon, delivered as mail when they are due."""
