-- The sheet was read to its end; says nothing when another epoch has begun.
UPDATE sluice.parses
   SET total_rows = %(total_rows)s, total_chunks = %(total_chunks)s, ended_at = now(),
       worker = NULL, lease_until = NULL
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND epoch = %(epoch)s
