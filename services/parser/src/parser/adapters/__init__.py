"""Whom the parser calls: PostgreSQL, Kafka, the child that reads."""
