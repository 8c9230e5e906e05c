"""How a container ends: the orders that end it, the turn that is waited for, the orderly end with the daemon."""
