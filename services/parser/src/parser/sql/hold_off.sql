-- Give the lease back, as `release` does, of a file that is out of reach: no attempt is counted, and
-- for a while nobody claims this job, so that the others get their turn.
UPDATE sluice.parses
   SET worker = NULL, lease_until = NULL, not_before = now() + make_interval(secs => %(delay_s)s)
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND epoch = %(epoch)s AND ended_at IS NULL
