INSERT INTO sluice.revoked_tokens (token_sha256, expires_at) VALUES (%(token)s, %(expires_at)s)
ON CONFLICT DO NOTHING
