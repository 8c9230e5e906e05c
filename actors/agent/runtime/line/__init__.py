"""The line between a harness and its shim. The shim loads `server` by its path, so it imports nothing of the hive."""
