"""The package other teams install: the public events, and the plumbing all services share."""
