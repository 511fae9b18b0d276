-- Guarded: a job that has ended meanwhile is left alone.
UPDATE sluice.jobs
   SET desired = %(desired)s, control_seq = control_seq + 1, version = version + 1,
       updated_at = now()
 WHERE job_id = %(job_id)s
   AND status IN ('pending', 'processing', 'retrying', 'paused')
RETURNING run, control_seq
