"""The settings of the daemon and the configuration of each agent."""
