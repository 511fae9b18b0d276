-- Their chunks are read again from the file; a replay's own letters are counted where it sends them.
UPDATE sluice.dead_letters
   SET state = 'replaying', state_reason = 'the job was retried', updated_at = now()
 WHERE job_id = %(job_id)s AND state IN ('open', 'parked')
