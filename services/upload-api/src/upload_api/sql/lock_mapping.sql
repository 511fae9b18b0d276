-- Held until the transaction ends: of two saves under one name each gets a version of its own.
SELECT pg_advisory_xact_lock(hashtextextended(%(owner_id)s::text || '/' || %(name)s, 2))
