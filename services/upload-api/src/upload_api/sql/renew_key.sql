-- The upload is still on its way.
UPDATE sluice.idempotency_keys SET taken_at = now()
 WHERE user_id = %(user_id)s AND key = %(key)s AND claim = %(claim)s AND job_id IS NULL
