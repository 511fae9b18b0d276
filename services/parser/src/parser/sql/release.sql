-- Give the lease back after a clean end of the epoch: anybody may go on at once.
UPDATE sluice.parses
   SET worker = NULL, lease_until = NULL
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND epoch = %(epoch)s AND ended_at IS NULL
