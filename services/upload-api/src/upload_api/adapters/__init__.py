"""Whom upload-api calls: PostgreSQL, storage and the outbox."""
