"""MCP servers that are given secrets run beside the agent's container, out of its reach.

`relay` is what Claude starts in the container: a bridge to the server's socket. `server` is what starts in the sandbox
of the server. Both are programs of their own, standard library only.
"""
