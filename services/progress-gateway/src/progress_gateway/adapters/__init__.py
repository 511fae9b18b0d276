"""Whom we call: PostgreSQL, Kafka and Redis."""
