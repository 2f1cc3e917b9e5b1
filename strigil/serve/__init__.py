"""How Strigil answers requests: the server, what it refuses to start with, and how it ends."""
