-- Free are a key that nobody has, one whose upload does not renew it any more, and one of yesterday.
INSERT INTO sluice.idempotency_keys AS held (user_id, key, claim)
VALUES (%(user_id)s, %(key)s, %(claim)s)
ON CONFLICT (user_id, key) DO UPDATE
   SET claim = EXCLUDED.claim, taken_at = now(), fingerprint = NULL, job_id = NULL,
       duplicate_of = NULL
 WHERE held.taken_at < now() - CASE WHEN held.job_id IS NULL THEN %(lease)s ELSE %(kept)s END
RETURNING claim
