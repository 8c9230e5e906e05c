"""The sessions of the dashboard, kept by the hive."""
