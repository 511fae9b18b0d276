-- Held until the transaction ends: a user's jobs begin one after the other, so counting them holds.
SELECT pg_advisory_xact_lock(hashtextextended(%(owner_id)s::text, 1))
