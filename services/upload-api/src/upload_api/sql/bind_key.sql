-- In the job's own transaction: whoever lost the key to another meanwhile makes no job.
UPDATE sluice.idempotency_keys
   SET job_id = %(claim)s, fingerprint = %(fingerprint)s, duplicate_of = %(duplicate_of)s,
       taken_at = now()
 WHERE user_id = %(user_id)s AND key = %(key)s AND claim = %(claim)s AND job_id IS NULL
