-- The counters of an ended job that is being corrected: a leader that has lost the lead must put
-- nothing old back, neither the status from before a settlement nor counters that were passed.
UPDATE sluice.jobs
   SET version = %(version)s,
       inserted_rows = %(inserted)s,
       updated_rows = %(updated)s,
       skipped_rows = %(skipped)s,
       failed_rows = %(failed)s,
       healed_rows = %(healed)s,
       undone_rows = %(undone)s,
       updated_at = now()
 WHERE job_id = %(job)s
   AND run = %(run)s
   AND status = %(status)s
   AND status IN ('completed', 'completed_with_errors', 'failed', 'cancelled')
   AND version <= %(version)s
   AND healed_rows <= %(healed)s
RETURNING job_id
