-- The counters of a job that has ended, and what they make of its status.
UPDATE sluice.jobs
   SET status = %(status)s,
       version = greatest(version, %(version)s),
       inserted_rows = %(inserted)s,
       updated_rows = %(updated)s,
       skipped_rows = %(skipped)s,
       failed_rows = %(failed)s,
       healed_rows = %(healed)s,
       undone_rows = %(undone)s,
       updated_at = now()
 WHERE job_id = %(job)s
   AND run = %(run)s
   AND status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')
RETURNING job_id
