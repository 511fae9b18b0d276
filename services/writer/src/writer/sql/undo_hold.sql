-- Renews the lease and holds the row until the transaction ends; no row: it is not ours any more.
UPDATE sluice.undos
   SET lease_until = clock_timestamp() + %(lease_s)s * interval '1 second'
 WHERE job_id = %(job_id)s AND worker = %(worker)s
RETURNING state, collected, total, batches, reversed, kept, refused, trouble
