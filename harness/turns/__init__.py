"""Turns: from a message in the inbox to its acknowledgement.

`loop` is the order of events; `decision` what follows a turn; `inbox` the mail and its leases; `conversation` the
session that outlives a turn; `tool_calls` what Claude asks of the daemon; `stats` a turn in figures.
"""
