"""`hive-proxy`: the one way out of an agent's container.

One process serves all agents, one unix socket each: the socket is the identity. It forwards requests to the model and
adds the operator's key, which no container has; it connects to public hosts for HTTP proxying, CONNECT and SOCKS5. It
holds no file and no right: descriptors and settings come from the daemon over a control socket, and outlive the daemon
in a keeper.
"""
