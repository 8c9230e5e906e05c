"""Reminders: kept by the host, delivered as mail when they are due."""
