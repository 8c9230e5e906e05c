"""The harness: the process inside a container that drives Claude Code for one agent.

`main` is `hive-harness`, `mcp` is `hive-mcp`. From the ground up:

    wire        the protocol of hive.sock, shared with the daemon     settings, clock
    prompt      the text Claude reads
    tools       the hive's tools, served by `toolserver`
    claude      the Claude Code CLI
    daemon      the client of hive.sock
    control     the operator's commands and the login
    turns       from a message in the inbox to its acknowledgement

`rehearsal` is a scripted model that stands in for the real one in tests and in the demo.
"""
