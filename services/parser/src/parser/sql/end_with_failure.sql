-- The file cannot be read to its end; says nothing when another epoch has begun.
UPDATE sluice.parses
   SET failure_code = %(code)s, failure_message = %(message)s, ended_at = now(),
       worker = NULL, lease_until = NULL
 WHERE job_id = %(job_id)s AND worker = %(worker)s AND epoch = %(epoch)s
