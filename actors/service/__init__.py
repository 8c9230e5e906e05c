"""hive as a system service: its status, its heartbeat and its orderly end."""
