-- Guarded: of two retries of one run only one finds it.
UPDATE sluice.jobs
   SET run = run + 1, control_seq = control_seq + 1, version = version + 2,
       desired = 'run', status = 'pending',
       failure_code = NULL, failure_message = NULL, finished_at = NULL, updated_at = now()
 WHERE job_id = %(job_id)s AND run = %(seen_run)s AND status IN ('failed', 'cancelled')
RETURNING run, control_seq
