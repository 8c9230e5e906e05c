"""The hive as a whole: running it, its actors, its promises, faults injected into it."""
