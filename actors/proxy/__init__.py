"""The way out of the agents' containers: their proxy sockets, and the `hive-proxy` process that serves them."""
