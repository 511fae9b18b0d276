"""Whom the writer calls: PostgreSQL, Redis, Kafka, the import targets."""
