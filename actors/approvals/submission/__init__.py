"""How a proposal becomes a pending approval: a commit of the proposer, or one that the host makes for the operator."""
