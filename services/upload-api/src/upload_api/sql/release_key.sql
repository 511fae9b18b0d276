-- The upload became no job: the key may be used again at once, by another content too.
DELETE FROM sluice.idempotency_keys
 WHERE user_id = %(user_id)s AND key = %(key)s AND claim = %(claim)s AND job_id IS NULL
