"""Peers: sessions outside the hive that joined its mail. They have a socket and a name, and a life of their own."""
