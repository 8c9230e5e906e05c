"""Mail between agents, the manager, peers and the operator: durable, leased, in order."""
