-- What the upload with this key became; no job: it is still on its way.
SELECT job_id, fingerprint, duplicate_of FROM sluice.idempotency_keys
 WHERE user_id = %(user_id)s AND key = %(key)s
