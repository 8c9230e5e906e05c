"""A paused agent and one in a hurry, from inside: what their own programs send over the socket that they were given."""
