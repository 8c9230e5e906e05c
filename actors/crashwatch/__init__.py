"""The crash watch: it notices ends of containers without an order, and tells the manager."""
