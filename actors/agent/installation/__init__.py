"""Where hive is installed, and what of it a container is shown."""
