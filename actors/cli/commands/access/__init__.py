"""Who may use the hive: logins of the dashboard, suspended agents."""
