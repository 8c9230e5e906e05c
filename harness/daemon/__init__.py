"""The harness as a client of the daemon, over hive.sock.

`client` sends requests, `outbox` delivers events at least once, `report` says what becomes an event, `backoff` spaces
the attempts to connect.
"""
