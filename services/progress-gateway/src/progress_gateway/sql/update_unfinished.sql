UPDATE sluice.jobs
   SET status = %(status)s,
       version = greatest(version, %(version)s),
       total_rows = %(total_rows)s,
       total_is_estimate = %(total_is_estimate)s,
       inserted_rows = %(inserted)s,
       updated_rows = %(updated)s,
       skipped_rows = %(skipped)s,
       failed_rows = %(failed)s,
       healed_rows = %(healed)s,
       unprocessed_rows = %(unprocessed)s,
       finished_chunks = %(finished_chunks)s,
       started_run = CASE WHEN %(started)s THEN run ELSE started_run END,
       started_at = CASE WHEN %(started)s THEN coalesce(started_at, now()) ELSE started_at END,
       updated_at = now()
 WHERE job_id = %(job)s
   AND run = %(run)s
   AND status IN ('pending', 'processing', 'retrying', 'paused')
RETURNING job_id
