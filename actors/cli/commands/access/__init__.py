"""Who may use the hive: peers, logins of the dashboard, suspended agents."""
