"""The hive as a service: what it tells its service manager, and how it comes to its end."""
