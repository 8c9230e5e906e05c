"""What an agent's or a peer's socket does: a module per topic, a function per verb of `harness.wire.agent_api`."""
