-- The brokers have the fact of its end: there is nothing left to do.
UPDATE sluice.undos
   SET stated = true, worker = NULL, lease_until = NULL
 WHERE job_id = %(job_id)s AND state = 'done'
