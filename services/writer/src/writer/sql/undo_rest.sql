-- Gives an undo back, for anybody to go on with after a while, and says what it waits for.
UPDATE sluice.undos
   SET worker = NULL, trouble = %(trouble)s,
       lease_until = clock_timestamp() + %(rest_s)s * interval '1 second'
 WHERE job_id = %(job_id)s AND worker = %(worker)s
