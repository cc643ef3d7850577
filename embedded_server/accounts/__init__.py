"""Who may log in: accounts in memory, their SCRAM keys, checks of names and passwords."""
