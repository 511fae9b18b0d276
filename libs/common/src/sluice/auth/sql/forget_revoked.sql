-- An hour behind their end: clocks differ.
DELETE FROM sluice.revoked_tokens WHERE expires_at < now() - interval '1 hour'
