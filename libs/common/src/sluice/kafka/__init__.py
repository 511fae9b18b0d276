"""Kafka plumbing that must be the same in every service."""
