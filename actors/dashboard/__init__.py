"""The dashboard as the daemon has it: the sockets it listens on, and its process."""
