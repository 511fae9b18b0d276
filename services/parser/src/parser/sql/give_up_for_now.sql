-- The reading child died: keep the claim's unclean end on record and try again after a while.
-- It counts twice: once here and once with the next claim.
UPDATE sluice.parses
   SET attempts = attempts + 1,
       lease_until = now(),
       not_before = now() + make_interval(secs => %(delay_s)s)
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND epoch = %(epoch)s AND ended_at IS NULL
